//! Control words that name a character, a character set, or a place that text goes to.

use encoding_rs::{
    BIG5, EUC_KR, Encoding, GBK, MACINTOSH, SHIFT_JIS, UTF_8, WINDOWS_874, WINDOWS_1250,
    WINDOWS_1251, WINDOWS_1252, WINDOWS_1253, WINDOWS_1254, WINDOWS_1255, WINDOWS_1256,
    WINDOWS_1257, WINDOWS_1258,
};

use super::state::Place;
use crate::domain::document::{Alternate, Hiding, Visibility};

pub(super) const FOR_PROGRAMS: Visibility = Visibility::Hidden(Hiding::MachineOnly);
pub(super) const NOT_DISPLAYED: Visibility = Visibility::Hidden(Hiding::NotDisplayed);

/// The character that a control word stands for.
pub(super) fn character(word: &str) -> Option<char> {
    Some(match word {
        "tab" => '\t',
        "line" | "lbr" | "softline" => '\n',
        "emdash" => '—',
        "endash" => '–',
        "emspace" | "enspace" | "qmspace" => ' ',
        "lquote" => '‘',
        "rquote" => '’',
        "ldblquote" => '“',
        "rdblquote" => '”',
        "bullet" => '•',
        "zwj" => '\u{200D}',
        "zwnj" => '\u{200C}',
        "zwbo" => '\u{200B}',
        "zwnbo" => '\u{2060}',
        "ltrmark" => '\u{200E}',
        "rtlmark" => '\u{200F}',
        _ => return None,
    })
}

/// A code page by its number.
pub(super) const fn code_page(number: i32) -> Option<&'static Encoding> {
    Some(match number {
        874 => WINDOWS_874,
        932 => SHIFT_JIS,
        936 => GBK,
        949 | 1361 => EUC_KR,
        950 => BIG5,
        1250 => WINDOWS_1250,
        1251 => WINDOWS_1251,
        1252 => WINDOWS_1252,
        1253 => WINDOWS_1253,
        1254 => WINDOWS_1254,
        1255 => WINDOWS_1255,
        1256 => WINDOWS_1256,
        1257 => WINDOWS_1257,
        1258 => WINDOWS_1258,
        10000 => MACINTOSH,
        65001 => UTF_8,
        _ => return None,
    })
}

/// The code page of a font's character set.
pub(super) const fn character_set(number: i32) -> Option<&'static Encoding> {
    code_page(match number {
        77 => 10000,
        128 => 932,
        129 | 130 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178..=180 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        _ => return None,
    })
}

/// Where the text of a group goes that begins with this word. `is_optional`: it is marked as one that
/// programs pass over which do not know it.
pub(super) fn destination(word: &str, is_optional: bool) -> Option<Place> {
    let aside = |visibility| Some(Place::Aside(visibility));
    match word {
        "fonttbl" => Some(Place::Fonts),
        "colortbl" => Some(Place::Colours),
        "stylesheet" => Some(Place::Styles),
        "pict" | "objdata" | "datafield" | "themedata" | "colorschememapping" | "datastore"
        | "blipuid" | "panose" | "levelnumbers" | "fontemb" | "fontfile" | "nonshppict"
        | "passwordhash" | "objclass" => Some(Place::Nowhere),
        "info" | "userprops" | "revtbl" | "docvar" | "atnid" | "atnauthor" | "atndate"
        | "atnref" | "atntime" | "generator" | "protusertbl" => aside(Visibility::Metadata),
        "annotation" => aside(Visibility::Alternate(Alternate::Notes)),
        "ffname" | "ffdeftext" | "ffformat" | "ffhelptext" | "ffstattext" | "ffl" => {
            aside(Visibility::Alternate(Alternate::FormField))
        }
        "shprslt" => aside(Visibility::Alternate(Alternate::OtherMedium)),
        "xe" | "rxe" | "txe" | "tc" | "tcn" | "rtc" => aside(NOT_DISPLAYED),
        "fldinst" | "template" | "bkmkstart" | "bkmkend" | "htmltag" | "mhtmltag" | "pntxta"
        | "pntxtb" | "listtable" | "listoverridetable" | "filetbl" | "xmlnstbl" | "rsidtbl"
        | "latentstyles" | "fchars" | "lchars" | "mailmerge" | "wgrffmtfilter" | "pgdsctbl"
        | "objname" | "keycode" => aside(FOR_PROGRAMS),
        // These hold what is shown, or hold groups of their own.
        "shppict" | "shpinst" | "shp" | "shptxt" | "footnote" | "ud" | "fldrslt" | "field"
        | "result" | "object" | "do" | "dptxbxtext" | "listtext" | "pntext" | "nesttableprops"
        | "header" | "headerl" | "headerr" | "headerf" | "footer" | "footerl" | "footerr"
        | "footerf" | "picprop" | "sp" | "pgptbl" | "cs" | "formfield" | "ftnsep"
        | "background" | "shpgrp" | "pn" | "pnseclvl" | "moMath" | "mmath" | "mMath" => None,
        "sn" => Some(Place::PropertyName),
        "sv" => Some(Place::PropertyValue),
        _ if is_optional => aside(NOT_DISPLAYED),
        _ => None,
    }
}

/// Whether text of such a group has paragraphs of its own, and what it is called.
pub(super) fn apart(word: &str) -> Option<&'static str> {
    Some(match word {
        "footnote" => "note",
        "annotation" => "comment",
        "shptxt" | "dptxbxtext" => "text box",
        "header" | "headerl" | "headerr" | "headerf" => "header",
        "footer" | "footerl" | "footerr" | "footerf" => "footer",
        "info" | "userprops" => "properties",
        _ => return None,
    })
}
