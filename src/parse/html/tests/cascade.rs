//! Which declaration wins.

use super::shown;

#[track_caller]
fn hides(css: &str, body: &str) {
    assert!(!shown(&format!("<style>{css}</style>{body}")), "{css} {body}");
}

#[track_caller]
fn shows(css: &str, body: &str) {
    assert!(shown(&format!("<style>{css}</style>{body}")), "{css} {body}");
}

const P: &str = "<p class='a b' id=i>payload";

#[test]
fn the_later_of_equal_rules_wins() {
    hides("p{display:block}p{display:none}", P);
    shows("p{display:none}p{display:block}", P);
}

#[test]
fn the_more_specific_rule_wins() {
    hides("#i{display:none}p.a.b{display:block}", P);
    shows("p.a{display:block}p{display:none}", P);
    hides(":is(#i,x){display:none}.a.b{display:block}", P);
    shows(":where(#i){display:none}p{display:block}", P);
    hides("body p.a{display:none}.b{display:block}", P);
}

#[test]
fn important_wins_over_everything_else() {
    hides("p{display:none!important}#i{display:block}", P);
    hides("p{display:none!important}", "<p style='display:block'>payload");
    shows("p{display:none!important}", "<p style='display:block!important'>payload");
}

#[test]
fn inline_style_wins_over_sheets() {
    shows("#i{display:none}", "<p id=i style='display:block'>payload");
    hides("#i{display:block}", "<p id=i style='display:none'>payload");
}

#[test]
fn layers_come_below_the_rest_and_above_it_when_important() {
    shows("@layer x{#i{display:none}} p{display:block}", P);
    hides("@layer x{p{display:none!important}} #i{display:block!important}", P);
    hides("@layer x,y; @layer y{p{display:none}} @layer x{#i{display:block}}", P);
}

#[test]
fn what_browsers_do_not_take_does_not_count() {
    hides("p{display:none} p, p:not({}{display:block}", P);
    hides("p{display:none} p, ..a{display:block}", P);
    hides("p{font-size:0} p{font-size:16}", P);
    hides("p{display:none} p{display:blok}", P);
    hides("p{display:none} p{display:block junk}", P);
    hides("p{display:none} p{display:-moz-inline-stack}", P);
}

#[test]
fn rules_count_where_their_conditions_hold() {
    hides("@media screen{p{display:none}}", P);
    hides("@media screen and (min-width:700px){@supports (display:grid){p{display:none}}}", P);
    shows("@media (max-width:700px){p{display:none}}", P);
    shows("@media (prefers-color-scheme:dark){p{color:white}}", P);
    shows("@supports not (display:grid){p{display:none}}", P);
    shows("p:hover{display:none} p::first-line{color:red} p::before{display:none}", P);
    hides("p:not(:hover){display:none}", P);
    hides("@media screen{.a{&.b{display:none}}}", P);
    hides(".a{color:red; .b&{display:none}}", P);
    shows(".a{ .b{display:none}}", P);
}

#[test]
fn escapes_and_comments_in_sheets_change_nothing() {
    hides(".\\61{display:none}", P);
    hides("p/**/.a/**/{display/**/:none/**/}", P);
    shows("/*p{display:none}*/", P);
    hides("<!-- p{display:none} -->", P);
}

#[test]
fn variables_are_replaced() {
    hides(":root{--d:none} p{display:var(--d)}", P);
    shows(":root{--d:none} body{--d:block} p{display:var(--d)}", P);
    hides("p{display:var(--x,none)}", P);
    hides(":root{--bg:#fff} body{background:var(--bg)} p{color:var(--bg)}", P);
    hides(":root{--a:var(--b);--b:0} p{opacity:var(--a)}", P);
    shows(":root{--a:var(--a)} p{opacity:var(--a)}", P);
    shows(":root{--c:#222} body{background:var(--c)} p{color:white}", P);
}

#[test]
fn keywords_for_every_property_are_understood() {
    hides("body{visibility:hidden} p{visibility:inherit}", P);
    shows("body{visibility:hidden} p{visibility:initial}", P);
    hides("body{color:white} p{color:unset}", P);
    shows("p{color:white;all:initial}", P);
    hides("p{color:red} p{all:unset} body{color:white}", P);
    shows("p{display:none;display:revert}", P);
}

#[test]
fn animations_leave_what_they_end_with() {
    hides("@keyframes x{to{opacity:0}} p{animation:x 0s forwards}", P);
    shows("@keyframes x{from{opacity:0}to{opacity:1}} p{opacity:0;animation:x 1s both}", P);
    shows("@keyframes x{to{opacity:0}} p{animation:x 1s infinite}", P);
}

#[test]
fn sheets_in_addresses_are_read_and_others_are_not() {
    assert!(!shown("<link rel=stylesheet href='data:text/css,p%7Bdisplay:none}'><p>payload"));
    assert!(!shown(
        "<link rel=stylesheet href='data:text/css;base64,cHtkaXNwbGF5Om5vbmV9'><p>payload"
    ));
    assert!(shown("<link rel=stylesheet href='https://x.example/a.css'><p>payload"));
    assert!(shown("<noscript><style>p{display:none}</style></noscript><p>payload"));
    assert!(shown("<template><style>p{display:none}</style></template><p>payload"));
    assert!(shown("<style type=text/less>p{display:none}</style><p>payload"));
}

#[test]
fn classes_match_in_any_case_without_a_doctype() {
    let page = "<style>.HIDE{display:none}</style><p class=hide>payload";
    assert!(!super::read(page).blocks[0].visibility.is_shown());
    assert!(shown(page), "with a doctype they do not");
}
