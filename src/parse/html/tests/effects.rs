//! Effects that are measured rather than recognised, each with its legitimate twin. What is shown and
//! what is not was looked up in Chromium: a page of each was drawn with two texts, and the pictures
//! compared.

use super::{read, seen, shown};
use crate::domain::document::Alternate::{Collapsed, FormField, ScreenReader};
use crate::domain::document::Doubt::{UnknownColour, UnknownFont, UnknownStyle};
use crate::domain::document::Hiding::{
    Clipped, Covered, DrawnOtherwise, Invisible, LowContrast, NotDisplayed, NotPainted, OffPage,
    TooSmall, Transparent,
};
use crate::domain::document::Visibility::{self, Alternate, Hidden, Shown, Undetermined};

fn long() -> String {
    "payload of many words that go on and on. ".repeat(6)
}

#[track_caller]
fn all(expected: Visibility, bodies: &[&str]) {
    for body in bodies {
        let body = body.replace("LONG", &long());
        assert_eq!(seen(&body, "payload"), expected, "{body}");
    }
}

#[track_caller]
fn all_shown(bodies: &[&str]) {
    all(Shown, bodies);
}

#[test]
fn colours_are_seen_through_filters_and_mixtures() {
    all(
        Hidden(LowContrast),
        &[
            "<div style='background:#fff'><p style='color:#888;filter:brightness(50)'>payload",
            "<p style='filter:invert(1)'>payload",
            "<div style='background:#fff'><p style='mix-blend-mode:screen'>payload",
            "<div style='background:#000'><p style='color:#fff;mix-blend-mode:multiply'>payload",
            "<p style='color:color-mix(in srgb, white 98%, black)'>payload",
            "<p style='color:oklch(100% 0 0)'>payload",
            "<p style='color:hsl(from red h s 100%)'>payload",
            "<p style='color:Canvas'>payload",
            "<p style='color:light-dark(white,black)'>payload",
            "<style>@property --c{syntax:'<color>';inherits:true;initial-value:white}</style>\
             <p style='color:var(--c)'>payload",
            "<math mathcolor=white><mi>payload</mi></math>",
        ],
    );
    all_shown(&[
        "<p style='color:white;filter:invert(1)'>payload",
        "<div style='filter:invert(1)'><div style='background:#fff;color:#000'>payload</div></div>",
        "<p style='filter:grayscale(1) drop-shadow(0 0 2px red)'>payload",
        "<p style='mix-blend-mode:multiply'>payload",
        "<p style='color-scheme:dark;color:light-dark(white,black)'>payload",
        "<p style='color:GrayText'>payload",
        "<p style='background:Canvas;color:CanvasText'>payload",
    ]);
}

#[test]
fn outlines_and_shadows_show_what_the_colour_does_not() {
    all_shown(&[
        "<p style='color:white;-webkit-text-stroke:1px black'>payload",
        "<p style='color:transparent;-webkit-text-stroke:1px black'>payload",
        "<p style='color:transparent;text-shadow:0 0 0 black'>payload",
        "<svg><text y=20 fill=none stroke=black>payload</text></svg>",
    ]);
    all(Hidden(LowContrast), &["<p style='color:white;-webkit-text-stroke:0 black'>payload"]);
    all(
        Hidden(Transparent),
        &[
            "<p style='color:transparent;text-shadow:0 0 0 white'>payload",
            "<svg><text y=20 fill=none>payload</text></svg>",
        ],
    );
}

#[test]
fn grounds_that_are_not_painted_do_not_count() {
    all(
        Hidden(LowContrast),
        &[
            "<p style='background:linear-gradient(black,black) 0 0/0 0 no-repeat;color:white'>payload",
            "<p style='background-image:linear-gradient(#000,#000);background-size:0;color:#fff'>payload",
            "<p style='box-shadow:inset 0 0 0 1000px black'>payload",
        ],
    );
    all(
        Undetermined(UnknownColour),
        &[
            "<p style='background:linear-gradient(#000,#000) right/10px 10px no-repeat;color:#fff'>payload",
        ],
    );
    all_shown(&[
        "<p style='background:linear-gradient(#000,#333) 0 0/cover no-repeat;color:#fff'>payload",
        "<p style='box-shadow:inset 0 0 0 1000px black;color:#fff'>payload",
        "<p style='box-shadow:0 0 5px black'>payload",
    ]);
}

#[test]
fn text_under_a_box_is_covered_and_text_over_it_is_on_it() {
    all(
        Hidden(Covered),
        &[
            "<div style='position:relative'><p>LONG</p><div style='position:absolute;inset:0;background:#fff'></div></div>",
            "<div style='position:relative'><p>LONG</p><div style='position:absolute;top:0;left:0;\
             width:100%;height:100%;background:linear-gradient(#fff,#fff)'></div></div>",
            "<div style='position:relative'><div style='position:absolute;inset:0;background:#fff'></div><p>LONG</div>",
            "<style>.c{position:relative}.c::after{content:'';position:absolute;inset:0;background:#fff}</style><p class=c>LONG",
            "<div style='background:#fff'><p style='position:relative;z-index:-1'>LONG</div>",
        ],
    );
    all_shown(&[
        "<div style='position:relative'><p style='position:relative;z-index:2'>payload</p>\
         <div style='position:absolute;inset:0;background:#fff'></div></div>",
        "<div style='position:relative'><div style='position:absolute;inset:0;background:#fff'></div>\
         <p style='position:relative'>payload</div>",
        "<div style='position:relative'><p>payload</p><div style='position:absolute;inset:0;background:rgba(0,0,0,.1)'></div></div>",
        "<div style='position:relative'><p>payload</p><div style='position:absolute;inset:0;background:#fff;opacity:0'></div></div>",
        "<div style='position:relative'><p>payload</p><div hidden style='position:absolute;inset:0;background:#fff;display:none'></div></div>",
        "<div style='position:relative'><p>payload</p><div style='position:absolute;top:0;left:0;width:100%;height:4px;background:#fff'></div></div>",
        "<div style='position:relative'><p>payload</p><a href=x style='position:absolute;inset:0'></a></div>",
        "<div style='background:#fff;isolation:isolate'><p style='position:relative;z-index:-1'>payload</div>",
        // A notice over the page, a menu, a sign of loading: ordinary.
        "<p>payload</p><div style='position:fixed;inset:0;background:#fff'></div>",
        "<p>payload</p><div style='position:fixed;inset:0;background:#fff'>Accept cookies?</div>",
        // White on a dark box that is laid under it.
        "<div style='position:relative'><div style='position:absolute;inset:0;background:#036'></div>\
         <p style='position:relative;color:#fff'>payload</div>",
        "<style>.h{position:relative;isolation:isolate;color:#fff}.h::before{content:'';position:absolute;\
         inset:0;background:#036;z-index:-1}</style><div class=h>payload</div>",
    ]);
    all(
        Hidden(LowContrast),
        &[
            "<div style='position:relative;background:#000'><div style='position:absolute;inset:0;background:#fff'></div>\
           <p style='position:relative;color:#fff'>payload</div>",
        ],
    );
}

#[test]
fn text_under_a_box_with_text_of_its_own_is_covered() {
    const TOP: &str =
        "<p style='position:absolute;inset:0;margin:0;background:#fff;z-index:2'>On top</p></div>";
    let under = |outer: &str, inner: &str| {
        seen(&format!("<div style='position:relative;{outer}'>{inner}{TOP}"), "payload")
    };
    let stacked = "<p style='position:absolute;inset:0;margin:0'>payload</p>";
    assert_eq!(under("", stacked), Hidden(Covered));
    assert_eq!(under("height:70px", "<p>payload</p>"), Hidden(Covered));
    assert_eq!(under("", "<p>payload</p>"), Undetermined(UnknownStyle), "a sign of loading");
    for seen in [
        "<p style='position:relative;z-index:3'>payload</p>",
        "<ul style='position:absolute;top:100%;left:0'><li>payload</ul>",
        "<ul style='position:absolute;top:40px;left:0'><li>payload</ul>",
    ] {
        assert_eq!(under("height:40px", seen), Shown, "{seen}");
    }
    all_shown(&[
        // Margins of its own keep it from the ends.
        "<div style='position:relative'><p>payload</p><p style='position:absolute;inset:0;background:#fff'>x</div>",
        "<div style='position:relative'><p>payload</p><p style='position:absolute;inset:0;margin:0;background:#ffffff80'>x</div>",
        "<div style='position:relative'><p>payload</p><p style='position:absolute;inset:0;margin:0;background:#fff;opacity:0'>x</div>",
        "<div style='position:relative'><p>payload</p><p style='position:absolute;inset:0;margin:0;background:#fff;transform:translateY(100%)'>x</div>",
        "<p>payload</p><div style='position:absolute;inset:0;background:#fff'>Accept cookies?</div>",
    ]);
}

#[test]
fn slides_on_one_place_are_parts_that_open() {
    let page = "<style>.show{position:relative;height:9em}.slide{position:absolute;inset:0;background:#fff}\
        .on{z-index:1}</style><div class=show><div class='slide on'>First</div><div class=slide>payload</div></div>";
    assert_eq!(seen(page, "payload"), Alternate(Collapsed));
    assert!(seen(page, "First").is_shown());
}

#[test]
fn fixed_text_under_a_bar_is_covered() {
    const BAR: &str =
        "<style>.bar{position:fixed;left:0;right:0;bottom:0;height:60px;background:#036}</style>";
    let low =
        "<p style='position:fixed;bottom:6px;left:0;font-size:12px'>payload that stands low</p>";
    assert_eq!(seen(&format!("{BAR}{low}<div class=bar></div>"), "payload"), Hidden(Covered));
    assert_eq!(
        seen(&format!("{BAR}<main>{low}</main><div class=bar></div>"), "payload"),
        Hidden(Covered)
    );
    assert_eq!(
        seen(&format!("{BAR}{low}<div class=bar>We use cookies</div>"), "payload"),
        Undetermined(UnknownStyle)
    );
    let high = "<p style='position:fixed;bottom:80px;left:0'>payload</p>";
    let long =
        format!("<p style='position:fixed;bottom:0;left:0'>payload {}</p>", "and more ".repeat(90));
    let menu = "<nav style='position:fixed;bottom:0;left:0'><ul><li>payload<li>b<li>c</ul></nav>";
    let over = "<p style='position:fixed;bottom:6px;left:0;z-index:2'>payload</p>";
    let flow = "<p>payload in the flow, which scrolls</p>";
    for text in [high, &long, menu, over, flow] {
        assert!(seen(&format!("{BAR}{text}<div class=bar></div>"), "payload").is_shown(), "{text}");
    }
    all_shown(&[
        // A sign of loading over the whole page.
        "<p style='position:fixed;bottom:6px;left:0'>payload</p><div style='position:fixed;inset:0;background:#fff'></div>",
        "<p style='position:fixed;top:6px;left:0'>payload</p><div style='position:fixed;bottom:0;left:0;right:0;height:60px;background:#fff'></div>",
        "<p style='position:absolute;bottom:6px;left:0'>payload</p><div style='position:fixed;bottom:0;left:0;right:0;height:60px;background:#fff'></div>",
    ]);
    all(
        Hidden(Covered),
        &["<p style='position:absolute;top:100px;left:50px;margin:0'>payload</p>\
             <div style='position:absolute;top:90px;left:40px;width:600px;height:80px;background:#fff'></div>"],
    );
}

#[test]
fn boxes_without_room_show_nothing() {
    all(
        Hidden(Clipped),
        &[
            "<div style='display:grid;grid-template-rows:0fr'><div style='overflow:hidden'>LONG</div></div>",
            "<div style='display:grid;grid-template-rows:0px'><div style='overflow:hidden'>LONG</div></div>",
            "<div style='display:grid;grid-template-columns:0px'><div style='overflow:hidden;min-width:0'>LONG</div></div>",
            "<div style='display:flex;height:0'><div style='overflow:hidden'>LONG</div></div>",
            "<div style='contain:strict'>LONG</div>",
            "<div style='contain:size;overflow:hidden'>LONG</div>",
            "<div style='contain:paint;height:0'>LONG</div>",
            "<div style='line-height:0;overflow:hidden'>LONG</div>",
            "<div style='height:100px'><div style='height:0%;overflow:hidden'>LONG</div></div>",
            "<div style='overflow:hidden;width:300px'><p style='padding-left:9999px'>LONG</div>",
            "<div style='overflow:hidden;height:50px'><p style='padding-top:99px'>LONG</div>",
        ],
    );
    all_shown(&[
        "<div style='display:grid;grid-template-rows:1fr'><div style='overflow:hidden'>payload</div></div>",
        "<div style='display:grid;grid-template-columns:0fr 1fr'><i>x</i><div style='overflow:hidden'>payload</div></div>",
        "<div style='display:flex;height:300px'><div style='overflow:hidden'>payload</div></div>",
        "<div style='contain:content'>payload</div>",
        "<div style='line-height:0'>payload</div>",
        "<div style='line-height:0;overflow:hidden'><span style='line-height:1.2'>payload</span></div>",
        "<div style='height:0%;overflow:hidden'>payload</div>",
        "<div style='padding-top:60px;height:40px;overflow:hidden'>payload</div>",
    ]);
}

#[test]
fn clips_and_masks_are_measured_by_what_they_leave() {
    all(
        Hidden(Clipped),
        &[
            "<p style='clip-path:path(\"M0 0\")'>LONG",
            "<p style='clip-path:circle(50px at -500px -500px)'>LONG",
            "<p style='clip-path:polygon(-10px -10px,-20px -10px,-20px -20px)'>LONG",
            "<p style='clip-path:inset(0 0 calc(100% - 1px) 0)'>LONG",
        ],
    );
    all(
        Hidden(NotPainted),
        &[
            "<p style='mask:linear-gradient(#000,#000) 0 0/0 0 no-repeat'>payload",
            "<p style='mask:linear-gradient(#000,#000) 0 0/1px 1px no-repeat'>payload",
        ],
    );
    all(Undetermined(UnknownStyle), &["<p style='mask:url(x.png)'>payload"]);
    all_shown(&[
        "<p style='clip-path:path(\"M0 0 L900 0 L900 90 L0 90 Z\")'>payload",
        "<p style='clip-path:polygon(0 0,100% 0,100% 100%,0 100%)'>payload",
        "<p style='mask-image:linear-gradient(to bottom,black 50%,transparent)'>payload",
        "<p style='mask-image:none'>payload",
    ]);
}

#[test]
fn turns_are_seen_by_what_is_left_of_the_plane() {
    all(
        Hidden(TooSmall),
        &[
            "<p style='rotate:y .25turn'>payload",
            "<p style='rotate:0 1 0 90deg'>payload",
            "<p style='transform:skewX(90deg)'>payload",
            "<span style='zoom:.01'>payload</span>",
        ],
    );
    all(
        Hidden(Invisible),
        &["<p style='transform:rotateY(180deg);backface-visibility:hidden'>payload"],
    );
    all(
        Undetermined(UnknownStyle),
        &["<p style='transform:rotate(90deg);transform-origin:-2000px 0'>payload"],
    );
    all_shown(&[
        "<p style='transform:rotateY(180deg)'>payload",
        "<p style='transform:rotate(180deg);transform-origin:50% 50%'>payload",
        "<p style='rotate:45deg'>payload",
    ]);
}

#[test]
fn places_are_told_from_widths_where_nothing_moves_the_box() {
    all(Hidden(OffPage), &["<p style='position:absolute;left:-250px;width:200px'>LONG"]);
    all_shown(&[
        "<div style='position:relative'><p style='position:absolute;left:-250px;width:200px'>payload</div>",
        "<p style='position:absolute;left:-50px;width:200px'>payload",
    ]);
    all(
        Alternate(Collapsed),
        &[
            "<div style='overflow:hidden;width:400px'><div style='display:flex;transform:translateX(-400px)'>\
           <div style='flex:0 0 400px'>LONG</div><div>two</div></div></div>",
        ],
    );
}

#[test]
fn letters_that_are_not_drawn_as_they_are() {
    all(
        Hidden(TooSmall),
        &["<p style='font-size-adjust:0'>payload", "<math mathsize=0><mi>payload</mi></math>"],
    );
    all(
        Undetermined(UnknownFont),
        &[
            "<style>@font-face{font-family:'Adobe Blank';src:url(x)}</style><p style='font-family:\"Adobe Blank\"'>payload",
        ],
    );
    all(Undetermined(UnknownStyle), &["<p style='word-spacing:-1000px'>one payload"]);
    all_shown(&[
        "<p style='font-size-adjust:.5'>payload",
        "<p style='font-family:\"Adobe Blank\",serif'>payload",
        "<p style='word-spacing:.1em'>payload",
    ]);
}

#[test]
fn text_in_reversed_order_is_shown_as_it_is_drawn() {
    for body in [
        "<bdo dir=rtl>payload</bdo>",
        "<p style='direction:rtl;unicode-bidi:bidi-override'>payload",
    ] {
        assert_eq!(seen(body, "payload"), Hidden(DrawnOtherwise), "{body}");
        assert_eq!(seen(body, "daolyap"), Shown, "{body}");
    }
    all_shown(&[
        "<p dir=rtl>payload",
        "<bdo dir=ltr>payload</bdo>",
        "<p style='unicode-bidi:isolate;direction:rtl'>payload",
    ]);
    assert_eq!(seen("<bdo dir=rtl>שלום payload</bdo>", "payload"), Shown);
}

#[test]
fn text_that_a_style_adds_is_shown() {
    all_shown(&[
        "<style>p::before{content:'payload '}</style><p>x",
        "<style>p:after{content:attr(data-a)}</style><p data-a=payload>x",
        "<style>p{&::after{content:'pay' 'load'}}</style><p>x",
    ]);
    for body in [
        "<style>p::before{content:'payload';display:none}</style><p>x",
        "<style>p::before{content:'payload'}</style><p hidden>x",
        "<style>@media print{p::after{content:'payload'}}</style><p>x",
        "<style>p::before{content:'payload'}p::before{content:none}</style><p>x",
        "<style>p::marker{content:'payload'}</style><p>x",
    ] {
        assert!(read(body).blocks.iter().all(|block| !block.text.contains("payload")), "{body}");
    }
    all(Hidden(NotDisplayed), &["<style>p{content:url(x.png)}</style><p>payload"]);
    all_shown(&["<style>p{content:'other'}</style><p>payload"]);
    all(Undetermined(UnknownStyle), &["<style>p::first-line{color:white}</style><p>payload"]);
}

#[test]
fn text_in_a_drawing_stands_on_its_shapes() {
    all_shown(&[
        "<svg width=158pt height=404pt viewBox='0 0 158 404'><g transform='scale(1 1) rotate(0) translate(4 400)'>\
         <polygon fill=white points='-4,4 -4,-400 154,-400 154,4 -4,4'/><text text-anchor=middle x=50 y=-375>payload</text></g></svg>",
        "<svg width=100 height=20><path fill=#555 d='M0 0h60v20H0z'/><g fill=#fff><text x=30 y=14>payload</text></g></svg>",
        "<svg width=100 height=20><rect width=60 height=20 fill=#555 /><text x=30 y=14 fill=#fff>payload</text></svg>",
        "<svg viewBox='-500 -500 1000 1000' width=500><text x=-400 y=-300 font-size=40>payload</text></svg>",
        "<svg width=300 height=50 style='overflow:visible'><text x=400 y=20>payload</text></svg>",
        "<svg viewBox='0 0 300 150'><g transform='translate(-999,0)'><text x=1009 y=20>payload</text></g></svg>",
    ]);
    all(
        Hidden(Clipped),
        &[
            "<svg><text y=-20>payload</text></svg>",
            "<svg width=100 height=100><text x=500 y=20>payload</text></svg>",
            "<svg><g transform='translate(-999,0)'><text y=20>payload</text></g></svg>",
        ],
    );
    all(
        Hidden(TooSmall),
        &[
            "<svg viewBox='0 0 100000 100000' width=100><text y=500>payload</text></svg>",
            "<svg><g transform='scale(0)'><text y=20>payload</text></g></svg>",
        ],
    );
    all(
        Hidden(LowContrast),
        &[
            "<svg width=300 height=50><rect width=300 height=50 fill=#222 /><text x=10 y=20 fill=#232323>payload</text></svg>",
        ],
    );
    all(
        Undetermined(UnknownColour),
        &[
            "<svg><path d='M0 0C1 2 3 4 5 6' fill=black /><text y=20 fill=white>payload</text></svg>",
        ],
    );
}

#[test]
fn formulas_hide_what_they_do_not_show() {
    all(Hidden(Invisible), &["<math><mphantom><mi>payload</mi></mphantom></math>"]);
    all(
        Hidden(NotDisplayed),
        &["<math><maction actiontype=toggle><mi>x</mi><mi>payload</mi></maction></math>"],
    );
    all_shown(&[
        "<math><mi>payload</mi></math>",
        "<math><maction actiontype=toggle><mi>payload</mi><mi>x</mi></maction></math>",
    ]);
}

#[test]
fn shadow_trees_are_shown_with_their_own_styles() {
    all_shown(&[
        "<div><template shadowrootmode=open><p>payload</template>light</div>",
        "<style>p{display:none}</style><div><template shadowrootmode=open><p>payload</template></div>",
        "<div><template shadowrootmode=open><style>p{color:white}</style><p>x</template></div><p>payload",
        "<div><template shadowrootmode=open><slot name=q></slot></template><b slot=q>payload</b></div>",
        "<div><template shadowrootmode=open><slot name=q>payload</slot></template></div>",
        "<my-card><template shadowrootmode=open>a<slot></slot></template>payload</my-card>",
    ]);
    all(
        Hidden(NotDisplayed),
        &[
            "<div><template shadowrootmode=open><style>p{display:none}</style><p>payload</template></div>",
            "<div><template shadowrootmode=open><slot name=q></slot></template><b>payload</b></div>",
            "<div><template shadowrootmode=open><slot name=q>payload</slot></template><b slot=q>light</b></div>",
            "<div><template shadowrootmode=open>x</template>payload</div>",
            "<a><template shadowrootmode=open>payload</template>light</a>",
        ],
    );
}

#[test]
fn newer_ways_to_say_it_are_understood_or_in_doubt() {
    all(
        Undetermined(UnknownStyle),
        &[
            "<p data-s=0 style='opacity:attr(data-s type(<number>), 1)'>payload",
            "<p style='--x:1;opacity:if(style(--x:1):0;else:1)'>payload",
            "<p style='offset-path:path(\"M -9999 0 L -9998 0\")'>payload",
        ],
    );
    all(
        Hidden(NotDisplayed),
        &["<style>@import url(\"data:text/css,p{display:none}\");</style><p>payload"],
    );
    all_shown(&[
        "<style>@import url(\"data:text/css,p{display:none}\") print;</style><p>payload",
        "<style>p{@starting-style{opacity:0}}</style><p>payload",
        "<p style='offset-path:none'>payload",
    ]);
    all(
        Hidden(Transparent),
        &[
            "<style>@keyframes h{from{opacity:0}to{opacity:0}}p{animation:h 1s infinite}</style><p>payload",
            "<style>@keyframes f{from{opacity:0}}p{animation:f 1s paused}</style><p>payload",
            "<style>@keyframes f{from{opacity:0}to{opacity:0}}p{animation:f 10000s linear}</style><p>payload",
        ],
    );
    all_shown(&[
        "<style>@keyframes f{from{opacity:0}}p{animation:f .1s}</style><p>payload",
        "<style>@keyframes f{from{opacity:0}to{opacity:1}}p{animation:f 1s infinite}</style><p>payload",
    ]);
}

#[test]
fn what_stands_for_something_else_is_shown_where_that_is_missing() {
    all_shown(&["<object>payload</object>", "<option>payload</option>"]);
    all(Alternate(FormField), &["<select><option>payload</select>"]);
    assert!(!shown("<object data=x.swf>payload</object>"));
    all(Alternate(ScreenReader), &["<a style='position:absolute;left:-999px' href=#m>payload</a>"]);
}

#[test]
fn a_box_with_room_around_it_covers_no_text_beside_it() {
    let page = |style: &str| {
        format!(
            "<div style='position:relative;height:600px'><p>payload</p>\
             <div style='position:absolute;inset:0;background:#fff;{style}'>Log in</div></div>"
        )
    };
    assert_eq!(seen(&page(""), "payload"), Hidden(Covered));
    for style in ["margin:auto;width:200px;height:80px", "margin-left:240px", "margin-bottom:90px"]
    {
        assert!(seen(&page(style), "payload").is_shown(), "{style}");
    }
}
