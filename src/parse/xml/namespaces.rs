//! Namespaces that the present programs of the formats' maker understand (`mc:Requires`, ECMA-376 part 3).
//!
//! Let through on purpose: other programs know fewer; what they would take instead is kept as an alternate.

/// Where most of them begin.
const MAKER: &str = "http://schemas.microsoft.com/office/";

/// What follows there.
const OF_MAKER: [&str; 59] = [
    "drawing/2007/8/2/chart",
    "drawing/2008/diagram",
    "drawing/2010/chartDrawing",
    "drawing/2010/compatibility",
    "drawing/2010/diagram",
    "drawing/2010/main",
    "drawing/2010/picture",
    "drawing/2010/slicer",
    "drawing/2012/chart",
    "drawing/2012/chartStyle",
    "drawing/2012/main",
    "drawing/2012/timeslicer",
    "drawing/2013/main/command",
    "drawing/2014/chart",
    "drawing/2014/chart/ac",
    "drawing/2014/chartex",
    "drawing/2014/main",
    "drawing/2015/10/21/chartex",
    "drawing/2015/9/8/chartex",
    "drawing/2016/11/diagram",
    "drawing/2016/11/main",
    "drawing/2016/12/diagram",
    "drawing/2016/5/10/chartex",
    "drawing/2016/5/11/chartex",
    "drawing/2016/5/12/chartex",
    "drawing/2016/5/13/chartex",
    "drawing/2016/5/14/chartex",
    "drawing/2016/5/9/chartex",
    "drawing/2016/SVG/main",
    "drawing/2016/ink",
    "drawing/2017/03/chart",
    "drawing/2017/decorative",
    "drawing/2017/model3d",
    "drawing/2018/animation",
    "drawing/2018/hyperlinkcolor",
    "drawing/2018/sketchyshapes",
    "drawing/2021/livefeed",
    "2019/extlst",
    "powerpoint/2010/main",
    "powerpoint/2012/main",
    "powerpoint/2013/main",
    "powerpoint/2015/09/main",
    "powerpoint/2015/main",
    "spreadsheetml/2009/9/main",
    "spreadsheetml/2010/11/main",
    "spreadsheetml/2014/revision",
    "word/2010/wordml",
    "word/2010/wordprocessingCanvas",
    "word/2010/wordprocessingDrawing",
    "word/2010/wordprocessingGroup",
    "word/2010/wordprocessingInk",
    "word/2010/wordprocessingShape",
    "word/2012/wordml",
    "word/2015/wordml/symex",
    "word/2016/wordml/cid",
    "word/2018/wordml",
    "word/2018/wordml/cex",
    "word/2020/wordml/sdtdatahash",
    "word/2023/wordml/word16du",
];

/// Others.
const PLAIN: [&str; 11] = [
    "urn:schemas-microsoft-com:vml",
    "urn:schemas-microsoft-com:office:office",
    "urn:schemas-microsoft-com:office:word",
    "http://schemas.microsoft.com/ink/2010/main",
    "http://schemas.openxmlformats.org/drawingml/2006/main",
    "http://schemas.openxmlformats.org/drawingml/2006/picture",
    "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "http://schemas.openxmlformats.org/presentationml/2006/main",
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
];

/// Prefixes that programs give them, without the digits of versions.
const PREFIXES: [&str; 32] = [
    "a", "aink", "am", "am3d", "c", "cs", "cx", "dsp", "m", "msink", "oel", "p", "p188", "pic",
    "sle", "tsle", "v", "w", "w16cex", "w16cid", "w16du", "w16sdtdh", "w16sdtfl", "w16se", "wp",
    "wpc", "wpg", "wpi", "wps", "x", "x12ac", "xr",
];

pub(super) fn is_understood(namespace: &str) -> bool {
    let namespace = namespace.trim();
    let of_maker = |rest: &str| OF_MAKER.contains(&rest);
    PLAIN.contains(&namespace) || namespace.strip_prefix(MAKER).is_some_and(of_maker)
}

/// Whether a prefix that the file binds to nothing is a usual one.
pub(super) fn is_usual(prefix: &str) -> bool {
    let bare = prefix.trim_end_matches(|ch: char| ch.is_ascii_digit());
    PREFIXES.contains(&bare) || PREFIXES.contains(&prefix)
}
