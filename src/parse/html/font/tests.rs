//! Fonts in the page: blank, drawn, and both. The fonts are made by fontTools: the letters of "payload",
//! `Y`, `1` and `é` have no outline, `f` has one without area, `s`, `e` and `n` have one.

use std::cell::Cell;
use std::rc::Rc;

use super::{Budget, Family, Look};
use crate::domain::document::{Doubt, Hiding, Visibility};
use crate::parse::html::tests::seen;

const TRUE_TYPE: &str = "AAEAAAAHAEAAAgAwY21hcAHVBAMAAAEEAAAAgGdseWb31RwbAAABkAAAACxoZWFkL2qKDAAAAHwAAAA2aGhlYQUWAS4AAAC0AAAAJGhtdHgB9AAAAAAA+AAAAApsb2NhACEACwAAAYQAAAAKbWF4cAAGAAUAAADYAAAAIAABAAAAAQAAczVeRF8PPPUAAwPoAAAAAOcwIzgAAAAA5zAjOAAAAAAB9AK8AAAAAwACAAAAAAAAAAEAAAMg/zgAAAH0AAAAAAH0AAEAAAAAAAAAAAAAAAAAAAABAAEAAAAEAAMAAQAAAAAAAgAAAAAAAAAAAAAAAAAAAAAB9AAAAAAAAAAAAAAAAAACAAAAAwAAABQAAwABAAAAFAAEAGwAAAAUABAAAwAEADEAWQBhAGYAbABwAHMAeQDp//8AAAAxAFkAYQBkAGwAbgBzAHkA6f///9H/qf+hAAD/lgAA/47/if8ZAAEAAAAAAAAADgAAABAAAAAAAAAAAAACAAEAAwABAAIAAgAAAAAACwALABYAAAABAAAAAAH0ArwAAgAAMSERAfQCvAAAAQAAAAAB9AAAAAIAADEhIQH0/tQA";
const COMPACT: &str = "T1RUTwAGAEAAAgAgQ0ZGIE4aa7UAAAFQAAAAUGNtYXAB1QQDAAAA0AAAAIBoZWFkL2qKDAAAAGwAAAA2aGhlYQUWAS4AAACkAAAAJGhtdHgB9AAAAAABoAAAAAptYXhwAARQAAAAAMgAAAAGAAEAAAABAAAIM2MYXw889QADA+gAAAAA5zAjOAAAAADnMCM4AAAAAAH0ArwAAAADAAIAAAAAAAAAAQAAAyD/OAAAAfQAAAAAAfQAAQAAAAAAAAAAAAAAAAAAAAEAAFAAAAQAAAAAAAIAAAADAAAAFAADAAEAAAAUAAQAbAAAABQAEAADAAQAMQBZAGEAZgBsAHAAcwB5AOn//wAAADEAWQBhAGQAbABuAHMAeQDp////0f+p/6EAAP+WAAD/jv+J/xkAAQAAAAAAAAAOAAAAEAAAAAAAAAAAAAIAAQADAAEAAgACAQAEAQABAQECVAABAQEPi4v4iPlQBbkPi9sSwBEAAgEBBgpibGFua2ZsYXQAAAAAWQGHAYgABAEBBA4RFPiIDviIixb4iPlQBg74iA74iA4B9AAAAAAAAAAAAAA=";
const WOFF: &str = "d09GRgABAAAAAAHEAAcAAAAAAbwAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAABjbWFwAAABMAAAAF8AAACAAdUEA2dseWYAAAGcAAAAJgAAACz31RwbaGVhZAAAALgAAAA2AAAANi9qigxoaGVhAAAA8AAAABwAAAAkBRYBLmhtdHgAAAEkAAAACgAAAAoB9AAAbG9jYQAAAZAAAAAKAAAACgAhAAttYXhwAAABDAAAABgAAAAgAAYABQABAAAAAQAAczVeRF8PPPUAAwPoAAAAAOcwIzgAAAAA5zAjOAAAAAAB9AK8AAAAAwACAAAAAAAAeJxjYGRgYFb4b8HAwPiFgQFMMjKgAkYAUvEDSHicY2BkYGBgYWBmANEMDEwMaAAAAS8ADAH0AAAAAAAAAAAAAHicY2BgYGJgYGAGYhEgyQimWRhywLQAUISFwZAhkiGRIQ0oVsBQzFDJ8PL/f6AsRDQFKJoHE/1/8f/K/wsZGP5PA+K+/53/JcHmgQAfEAswwAATUBxkFxMDEwB8MhfNAAAAAAAACwALABYAAHicY2BkAALGL0x7GJgYGAwVBcFMBqgokACLKjJ++XeFAQCOPgf/AAA=";
const WOFF_2: &str = "d09GMgABAAAAAADwAAcAAAAAAcAAAACuAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIEACjBAATYCJAMKCwoABCAbQwH4LwrshmOHWJsaSp5xHnFCj0VUDVvP7X0ghfIICe6VIAr/2qAkEqOg/IFdtzHHeiKIKyJoNeasR3gcLSUvy0BmJIbCBhwnGVkug8gJwQUlZBgo3CvBvekI7l0r05MPEmWs892M7Uf93Z89PV3XBHCJawBDlBgGmGCPgS32gAkIUpWLTS7OLayBIHw9/x955d+++oWfRw5oq6wBZYBQD30gC7IEAJAsAMFUAgYA";
const ALL: [&str; 4] = [TRUE_TYPE, COMPACT, WOFF, WOFF_2];

fn family(font: &str) -> Family {
    let family = Family::new(Rc::default());
    family.add(&format!("url(data:font/woff;base64,{font}) format('woff')"));
    family
}

#[test]
fn letters_without_shapes_are_blank_in_every_container() {
    for font in ALL {
        let family = family(font);
        assert!(family.is_brought());
        assert_eq!(family.look("a payload, lay 1 ploy é"), Look::Blank, "{font}");
        assert_eq!(family.look("seen"), Look::Drawn, "{font}");
        assert_eq!(family.look("a payload seen"), Look::Doubtful, "{font}");
        assert_eq!(family.look("a seen nose"), Look::Drawn, "{font}");
        assert_eq!(family.look("Tisch"), Look::Drawn, "another font has what it lacks");
        assert_eq!(family.look(" - "), Look::Drawn, "no letters");
    }
    assert_eq!(family(TRUE_TYPE).look("f"), Look::Blank, "an outline without area");
}

#[test]
fn broken_fonts_say_nothing() {
    for font in ALL {
        for end in (0..font.len()).step_by(7) {
            let cut = font.get(..end).unwrap_or_default();
            assert_ne!(family(cut).look("seen"), Look::Blank, "{cut}");
        }
    }
    for (left_bytes, left_looks) in [(100, 100), (1 << 20, 3)] {
        let budget =
            Budget { left_bytes: Cell::new(left_bytes), left_looks: Cell::new(left_looks) };
        let spent = Family::new(Rc::new(budget));
        spent.add(&format!("url(data:;base64,{WOFF})"));
        assert_eq!(spent.look("payload"), Look::Doubtful, "past a bound");
    }
    let packed = "d09GRgABAAAAAAAAAAE".to_owned();
    assert_eq!(family(&packed).look("payload"), Look::Drawn, "a header alone");
    let many = family(WOFF);
    (0..1_000).for_each(|_| many.add("url(x)"));
    assert!(many.faces.borrow().len() <= 65, "{}", many.faces.borrow().len());
    assert_eq!(many.look("payload"), Look::Doubtful);
}

fn set(faces: &str, families: &str) -> Visibility {
    seen(&format!("<style>{faces} p{{font-family:{families}}}</style><p>payload"), "payload")
}

#[test]
fn text_in_a_blank_font_is_not_painted() {
    let face = |name: &str, font: &str| {
        format!("@font-face{{font-family:{name};src:url(\"data:font/woff2;base64,{font}\")}}")
    };
    let blank = face("Quiet", WOFF_2);
    let doubt = Visibility::Undetermined(Doubt::UnknownFont);
    assert_eq!(set(&blank, "Quiet,serif"), Visibility::Hidden(Hiding::NotPainted));
    assert_eq!(set(&blank, "'Quiet'"), Visibility::Hidden(Hiding::NotPainted));
    assert_eq!(set(&blank, "Nonesuch,Quiet"), doubt);
    assert_eq!(set(&blank, "serif"), Visibility::Shown);
    let remote = "@font-face{font-family:Quiet;src:url(quiet.woff2)}";
    assert_eq!(set(&format!("{blank}{remote}"), "Quiet"), doubt);
    assert_eq!(set(remote, "Quiet"), Visibility::Shown);
    let shorthand = format!("<style>{blank} p{{font:12px Quiet}}</style><p><b>payload</b>");
    assert_eq!(seen(&shorthand, "payload"), Visibility::Hidden(Hiding::NotPainted));
}

#[test]
fn a_font_that_unfolds_to_far_more_than_it_is_stays_folded() {
    use std::io::Write;

    use base64::Engine;

    let woff = |size: usize| {
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(&vec![0; size]).unwrap();
        let packed = packer.finish().unwrap();
        let mut font = b"wOFF\0\x01\0\0\0\0\0\0\0\x01".to_vec();
        font.resize(44, 0);
        font.extend(b"cmap");
        for value in [64, packed.len(), size, 0] {
            font.extend(u32::try_from(value).unwrap().to_be_bytes());
        }
        font.extend(packed);
        family(&base64::engine::general_purpose::STANDARD.encode(font)).look("payload")
    };
    assert_eq!(woff(4 << 20), Look::Doubtful);
    assert_eq!(woff(4 << 10), Look::Drawn, "a small font without a map has no letters");
}
