//! Each way to hide text, with its legitimate twin.

use super::{seen, shown};
use crate::domain::document::Alternate::{
    AltText, Collapsed, FormField, OtherMedium, ScreenReader, Tooltip,
};
use crate::domain::document::Doubt::{OverImage, UnknownColour, UnknownStyle};
use crate::domain::document::Hiding::{
    Clipped, Comment, Invisible, LowContrast, MachineOnly, NotDisplayed, NotPainted, OffPage,
    TooSmall, Transparent,
};
use crate::domain::document::Visibility::{self, Alternate, Hidden, Metadata, Undetermined};

/// Longer than any label for screen readers.
fn long() -> String {
    "payload of many words that go on and on ".repeat(5)
}

#[track_caller]
fn all(expected: Visibility, bodies: &[&str]) {
    for body in bodies {
        assert_eq!(seen(body, "payload"), expected, "{body}");
    }
}

#[track_caller]
fn all_shown(bodies: &[&str]) {
    for body in bodies {
        assert!(shown(body), "{:?}: {body}", seen(body, "payload"));
    }
}

#[test]
fn text_that_is_not_displayed_is_hidden() {
    all(
        Hidden(NotDisplayed),
        &[
            "<p style='display:none'>payload",
            "<p style='display: NONE !important'>payload",
            "<p style='d\\69splay:n\\6fne'>payload",
            "<p hidden>payload",
            "<div style=display:none><p style='display:block'>payload",
            "<style>p{display:none}</style><p>payload",
            "<template><p>payload</template>",
            "<dialog>payload</dialog>",
            "<svg><defs><text>payload</text></defs></svg>",
            "<math><semantics><mrow style='display:none'><mi>payload</mi></mrow></semantics></math>",
        ],
    );
    all_shown(&[
        "<p style='display:block'>payload",
        "<p style='display:nonsense'>payload",
        "<p hidden style='display:block'>payload",
        "<dialog open>payload</dialog>",
        "<style>p{display:none}p.on{display:block}</style><p class=on>payload",
        "<svg><text>payload</text></svg>",
        "<p aria-hidden=true>payload",
        "<p inert>payload",
    ]);
}

#[test]
fn invisible_text_is_hidden_until_something_in_it_is_visible() {
    all(
        Hidden(Invisible),
        &[
            "<p style='visibility:hidden'>payload",
            "<p style='visibility:collapse'>payload",
            "<p style='visibility:hidden'><b>payload",
            "<div style='content-visibility:hidden'><p>payload",
        ],
    );
    all_shown(&[
        "<p style='visibility:hidden'><b style='visibility:visible'>payload",
        "<div style='content-visibility:auto'><p>payload",
    ]);
}

#[test]
fn transparent_text_is_hidden() {
    all(
        Hidden(Transparent),
        &[
            "<p style='opacity:0'>payload",
            "<p style='opacity:.05'>payload",
            "<p style='opacity:5%'>payload",
            "<div style='opacity:.3'><p style='opacity:.3'>payload",
            "<p style='filter:opacity(0)'>payload",
            "<p style='color:transparent'>payload",
            "<p style='color:rgba(0,0,0,.02)'>payload",
            "<p style='-webkit-text-fill-color:transparent'>payload",
            "<p style='opacity:calc(0 * 1)'>payload",
        ],
    );
    all_shown(&["<p style='opacity:.6'>payload", "<p style='color:rgba(0,0,0,.5)'>payload"]);
}

#[test]
fn text_in_the_colour_of_its_background_is_hidden() {
    all(
        Hidden(LowContrast),
        &[
            "<p style='color:white'>payload",
            "<p style='color:#fefefe'>payload",
            "<font color=white>payload</font>",
            "<body bgcolor=navy><font color=#000080>payload</font>",
            "<body style='background:#123'><p style='color:#123'>payload",
            "<p style='background:rgb(200,0,0);color:rgb(202,0,0)'>payload",
            "<p style='color:hsl(0 0% 99%)'>payload",
            "<p style='background:linear-gradient(white,#fdfdfd);color:white'>payload",
            "<p style='color:red;-webkit-text-fill-color:white'>payload",
            "<svg><text fill=white>payload</text></svg>",
            "<div style='color:white'><p style='color:currentcolor'>payload",
            "<p style='color:rgba(255,255,255,.9)'>payload",
            "<p style='background:white;background-clip:text;color:transparent'>payload",
            "<table bgcolor=white><tr><td><font color='#ffffff'>payload</font></table>",
        ],
    );
}

#[test]
fn light_text_on_dark_ground_is_shown() {
    all_shown(&[
        "<body style='background:#111;color:#eee'><p>payload",
        "<header style='background:navy;color:white'><a href=x style='color:#fff'>payload</a>",
        "<style>.dark{background-color:#222}.dark p{color:white}</style><div class=dark><p>payload",
        "<body bgcolor=black text=white>payload",
        "<button style='background:#0a0;color:#fff'>payload</button>",
        "<p style='color:#999'>payload",
        "<p style='color:#ddd'>payload",
        "<p style='background:rgba(0,0,0,.8);color:white'>payload",
        "<p style='background:linear-gradient(90deg,#00f,#80f);color:white'>payload",
        "<h1 style='background:linear-gradient(90deg,#00f,#80f);-webkit-background-clip:text;\
         -webkit-text-fill-color:transparent'>payload",
        "<style>:root{color-scheme:dark}</style><p style='color:#eee'>payload",
        "<svg><rect fill=black /><text fill=red>payload</text></svg>",
        "<div style='color:white'><a href=x>payload</a></div>",
        "<div style='background-image:url(x);background-color:black;color:white'>payload",
    ]);
}

#[test]
fn what_cannot_be_measured_is_undetermined() {
    all(
        Undetermined(OverImage),
        &[
            "<div style='background:url(x);color:white'>payload",
            "<body background=x.png><p style='color:white'>payload",
            "<div style='position:relative'><img src=x><h1 style='position:absolute;color:#fff'>payload",
        ],
    );
    all(
        Undetermined(UnknownColour),
        &[
            "<p style='color:white;text-shadow:0 0 2px black'>payload",
            "<p style='color:white;background:linear-gradient(white 60%,black)'>payload",
            "<p style='color:contrast-color(red)'>payload",
        ],
    );
    all(
        Undetermined(UnknownStyle),
        &[
            "<link rel=stylesheet href=x><div class=hero><p style='color:white'>payload",
            "<style>@media (gleam:bright){p{display:none}}</style><p>payload",
            "<style>p:gleaming{display:none}</style><p>payload",
            "<style>@supports (gleam:bright){p{display:none}}</style><p>payload",
            "<style>p:lang(en){opacity:0}</style><p lang=en>payload",
            "<p style='filter:blur(20px)'>payload",
        ],
    );
    all_shown(&[
        "<link rel=stylesheet href=x><div class=hero><p>payload",
        "<style>@media (gleam:bright){p{color:red}}</style><p>payload",
        "<style>p:gleaming{color:red}</style><p>payload",
    ]);
}

#[test]
fn type_too_small_to_read_is_hidden() {
    all(
        Hidden(TooSmall),
        &[
            "<p style='font-size:0'>payload",
            "<p style='font-size:1px'>payload",
            "<p style='font-size:.05em'>payload",
            "<p style='font-size:1%'>payload",
            "<p style='font:0/0 a'>payload",
            "<p style='font-size:1pt'>payload",
            "<style>html{font-size:1px}</style><p style='font-size:1rem'>payload",
            "<p style='font-size:max(0px,.5px)'>payload",
            "<div style='font-size:20px'><p style='font-size:calc(1em - 19.5px)'>payload",
            "<p style='transform:scale(0)'>payload",
            "<p style='transform:scale(.05)'>payload",
            "<p style='scale:0'>payload",
            "<p style='transform:rotateX(90deg)'>payload",
            "<p style='zoom:.01'>payload",
            "<p style='letter-spacing:-1em'>payload",
        ],
    );
    all_shown(&[
        "<div style='font-size:0'><p style='font-size:16px'>payload",
        "<p style='font-size:8px'>payload",
        "<p style='font-size:clamp(1rem,2vw,3rem)'>payload",
        "<div style='font-size:0'><button>payload</button></div>",
        "<span style='transform:scale(0)'>payload</span>",
        "<p style='transform:rotate(90deg) scale(1.1)'>payload",
        "<h1 style='letter-spacing:-.02em'>payload",
    ]);
}

#[test]
fn text_off_the_screen_is_hidden() {
    let text = long();
    for style in [
        "position:absolute;left:-9999px",
        "position:absolute;top:-999em",
        "position:fixed;left:200vw",
        "position:fixed;bottom:-600px",
        "position:relative;left:-5000px",
        "position:absolute;right:9999px",
        "margin-left:-9999px",
        "text-indent:-9999px",
        "transform:translateX(-9999px)",
        "transform:translate(-200vw,0)",
        "translate:-9999px",
        "inset:auto auto auto -9999px;position:absolute",
        "position:absolute;left:calc(-100vw - 50px)",
    ] {
        let body = format!("<p style='{style}'>{text}");
        assert_eq!(seen(&body, "payload"), Hidden(OffPage), "{style}");
    }
    all_shown(&[
        "<p style='left:-9999px'>payload",
        "<p style='position:absolute;left:50%;margin-left:-480px'>payload",
        "<p style='position:absolute;top:50%;left:50%;transform:translate(-50%,-50%)'>payload",
        "<p style='text-indent:2em'>payload",
        "<p style='margin-left:-20px'>payload",
        "<p style='position:absolute;left:-9999'>payload",
        "<div style='position:absolute;left:-5000px'><p style='position:fixed;left:0'>payload",
        "<a href=#main style='position:absolute;top:-40px'>payload</a>",
    ]);
    assert_eq!(
        super::read(&format!("<p style='position:absolute;left:-9999'>{text}")).blocks[0]
            .visibility,
        Hidden(OffPage),
        "without a doctype numbers need no unit",
    );
}

#[test]
fn text_that_is_cut_away_is_hidden() {
    let text = long();
    for style in [
        "height:0;overflow:hidden",
        "width:0;overflow:clip",
        "max-height:0;overflow-y:hidden",
        "height:1px;width:1px;overflow:hidden",
        "position:absolute;clip:rect(0,0,0,0)",
        "position:absolute;clip:rect(1px 1px 1px 1px)",
        "clip-path:inset(50%)",
        "clip-path:inset(100%)",
        "clip-path:circle(0)",
        "clip-path:polygon(0 0,0 0,0 0)",
        "text-indent:100%;white-space:nowrap;overflow:hidden",
        "height:20px;overflow:hidden;padding-top:0;height:0",
    ] {
        let body = format!("<p style='{style}'>{text}");
        assert_eq!(seen(&body, "payload"), Hidden(Clipped), "{style}");
    }
    let pushed =
        format!("<div style='height:20px;overflow:hidden'><p style='margin-top:50px'>{text}");
    assert_eq!(seen(&pushed, "payload"), Hidden(Clipped));
    all_shown(&[
        "<span style='width:0;height:0;overflow:hidden'>payload</span>",
        "<p style='height:0'>payload",
        "<p style='height:200px;overflow:hidden'>payload",
        "<p style='clip:rect(0,0,0,0)'>payload",
        "<p style='clip-path:inset(5px)'>payload",
        "<p style='clip-path:polygon(0 0,100% 0,100% 90%)'>payload",
        "<p style='max-height:0;min-height:40px;overflow:hidden'>payload",
        "<p style='height:0;padding-bottom:40px;overflow:hidden'>payload",
        "<div style='height:0;overflow:hidden'><p style='position:absolute'>payload",
        "<p style='overflow:hidden'>payload",
    ]);
}

#[test]
fn text_that_is_not_painted_is_hidden() {
    all(
        Hidden(NotPainted),
        &[
            "<p style='-webkit-text-security:disc'>payload",
            "<p style='mask-image:linear-gradient(transparent,transparent)'>payload",
        ],
    );
    all_shown(&["<p style='mask-image:linear-gradient(black,transparent)'>payload"]);
}

#[test]
fn short_labels_for_screen_readers_are_told_from_long_hidden_text() {
    let sheet = "<style>.sr-only{position:absolute;width:1px;height:1px;padding:0;margin:-1px;\
                 overflow:hidden;clip:rect(0,0,0,0);border:0}</style>";
    for style in [
        "position:absolute;left:-9999px",
        "clip-path:inset(50%)",
        "text-indent:-9999px",
        "position:absolute;height:1px;width:1px;overflow:hidden",
    ] {
        let body = format!("<a href=x><span style='{style}'>payload: open menu</span></a>");
        let body = body.replace("<span", "<div").replace("</span", "</div");
        assert_eq!(seen(&body, "payload"), Alternate(ScreenReader), "{style}");
    }
    assert_eq!(
        seen(&format!("{sheet}<span class=sr-only>payload"), "payload"),
        Alternate(ScreenReader)
    );
    let long = format!("{sheet}<span class=sr-only>{}", long());
    assert_eq!(seen(&long, "payload"), Hidden(Clipped));
    let parts = format!("{sheet}<span class=sr-only>{}", "<b>payload words here</b>".repeat(20));
    assert_eq!(seen(&parts, "payload"), Hidden(Clipped), "parts of one label count together");
    let mute = format!("{sheet}<span class=sr-only aria-hidden=true>payload");
    assert_eq!(seen(&mute, "payload"), Hidden(Clipped), "no screen reader reads it");
    let none = format!("{sheet}<span class=sr-only><b style=display:none>payload");
    assert_eq!(seen(&none, "payload"), Hidden(NotDisplayed));
}

#[test]
fn closed_parts_and_other_media_are_alternates() {
    all(
        Alternate(Collapsed),
        &[
            "<details><summary>More</summary><p>payload</details>",
            "<details>payload</details>",
            "<details><summary>a</summary><summary>payload</summary></details>",
            "<div popover>payload</div>",
            "<p hidden=until-found>payload",
        ],
    );
    all(
        Alternate(OtherMedium),
        &[
            "<noscript>payload</noscript>",
            "<noscript><p style='color:red'>payload</p></noscript>",
            "<video>payload</video>",
            "<iframe src=x>payload</iframe>",
            "<style>.p{display:none}@media print{.p{display:block}}</style><p class=p>payload",
            "<style media=screen>p{display:none}</style><p>payload",
        ],
    );
    all_shown(&[
        "<details open><summary>More</summary><p>payload</details>",
        "<details><summary>payload</summary>x</details>",
        "<style>@media print{p{display:none}}</style><p>payload",
        "<style>video{display:block}</style><p>payload",
        "<iframe srcdoc='<p>payload'></iframe>",
    ]);
    let shut = "<iframe width=0 height='0px' srcdoc='<p>payload'></iframe>";
    assert_eq!(seen(shut, "payload"), Hidden(Clipped));
    let inner = "<iframe srcdoc='<style>p{display:none}</style><p>payload'></iframe>";
    assert_eq!(seen(inner, "payload"), Hidden(NotDisplayed));
    assert_eq!(
        seen("<video style='display:block'>payload</video>", "payload"),
        Alternate(OtherMedium)
    );
}

#[test]
fn values_are_told_by_what_they_are_for() {
    all(Alternate(AltText), &["<img alt='payload'>", "<area alt=payload>"]);
    all(Alternate(Tooltip), &["<p title=payload>x", "<svg><title>payload</title></svg>"]);
    all(Alternate(ScreenReader), &["<a aria-label=payload>x", "<table summary=payload>"]);
    all(
        Alternate(FormField),
        &[
            "<input placeholder=payload>",
            "<input value=payload>",
            "<textarea>payload</textarea>",
            "<select><option>payload</select>",
        ],
    );
    all(
        Hidden(MachineOnly),
        &[
            "<p data-note='the payload is here'>x",
            "<input type=hidden value='the payload is here'>",
            "<div prompt='the payload is here'>x",
            "<a href='https://x.example/?q=payload'>x</a>",
            "<img src='https://x.example/payload#top'>",
            "<script type=text/template>the payload is here</script>",
            "<script type='application/json'>{\"note\": \"the payload is here\"}</script>",
        ],
    );
    all(
        Metadata,
        &[
            "<meta name=description content=payload>",
            "<meta property=og:title content=payload>",
            "<title>payload</title>",
            "<script type=application/ld+json>{\"name\":\"payload\"}</script>",
        ],
    );
    all_shown(&[
        "<!--[if !mso]><!--><p>payload<!--<![endif]-->",
        "<p>pay<wbr>load",
        "<ruby>a<rt>payload</ruby>",
    ]);
    all(Hidden(NotDisplayed), &["<ruby>a<rp>payload</rp><rt>b</rt></ruby>"]);
    all(
        Hidden(Comment),
        &[
            "<p>x<!-- payload -->",
            "<!--[if mso]><p>payload</p><![endif]-->",
            "<!-- payload -->x",
            "<?php payload ?>x",
        ],
    );
    all_shown(&["<input type=submit value=payload>", "<button>payload</button>"]);
    assert_eq!(seen("<img alt=payload style='display:none'>", "payload"), Hidden(NotDisplayed));
}

#[test]
fn what_is_no_text_is_no_block() {
    for body in [
        "<script>payload()</script>",
        "<script type=module>say('the payload is here')</script>",
        "<script type=application/json>{\"payload\": 1}</script>",
        "<style>p::after{content:'payload'}</style>",
        "<a href='https://x.example/payload'>x</a>",
        "<p data-id=payload class='payload a b c' onclick='do the payload now'>x",
        "<img src='data:image/png;base64,payload'>",
        "<input type=hidden value=payload>",
    ] {
        let document = super::read(body);
        assert!(document.blocks.iter().all(|block| !block.text.contains("payload")), "{body}");
    }
}

#[test]
fn a_shadow_tree_stands_before_the_children_of_its_host() {
    let host = "<div><template shadowrootmode=open>nice</template><p>payload</p></div>";
    assert_eq!(seen(host, "payload"), Hidden(NotDisplayed));
    let slotted = "<div><template shadowrootmode=open><slot></slot></template><p>payload</p></div>";
    assert!(shown(slotted));
}
