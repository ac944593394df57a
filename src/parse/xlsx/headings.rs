//! Headers and footers of printed sheets.

use super::around::Attached;
use super::colours;
use super::conditions::is_true;
use super::styles::{Font, legibility};
use crate::domain::document::{Alternate, Hiding, Visibility};
use crate::parse::xml::Element;

/// Reads `headerFooter`. On the screen a sheet has neither; the printed page does.
pub(super) fn read(element: &Element) -> Vec<Attached> {
    let flag = |name: &str| element.attr(name).is_some_and(is_true);
    let mut found = Vec::new();
    for child in &element.children {
        let is_used = match child.name.as_str() {
            "oddHeader" | "oddFooter" => true,
            "evenHeader" | "evenFooter" => flag("differentOddEven"),
            "firstHeader" | "firstFooter" => flag("differentFirst"),
            _ => continue,
        };
        for (text, font) in runs(&child.all_text()) {
            let visibility = match legibility(font, &[]) {
                _ if !is_used => Visibility::Hidden(Hiding::MachineOnly),
                Visibility::Shown => Visibility::Alternate(Alternate::OtherMedium),
                hidden => hidden,
            };
            found.push(Attached { cell: String::new(), text, visibility });
        }
    }
    found
}

/// Pieces of text between codes. Codes that stand for page numbers and names of files show what no
/// program gets from here.
fn runs(text: &str) -> Vec<(String, Font)> {
    let mut runs: Vec<(String, Font)> = Vec::new();
    let (mut open, mut font) = (String::new(), Font::default());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        open.push_str(before);
        let mut chars = after.chars();
        let code = chars.next().unwrap_or('&');
        rest = chars.as_str();
        let mut next = font;
        match code {
            '&' => open.push('&'),
            '"' => rest = rest.split_once('"').map_or("", |(_, rest)| rest),
            'K' => {
                let (colour, behind) = rest.split_at_checked(6).unwrap_or((rest, ""));
                // A colour of the theme is two digits, a sign and three digits.
                next.ink = colours::hex(colour);
                rest = behind;
            }
            '0'..='9' => {
                let end = after.find(|ch: char| !ch.is_ascii_digit()).unwrap_or(after.len());
                let (size, behind) = after.split_at_checked(end).unwrap_or((after, ""));
                next.size = size.parse().ok();
                rest = behind;
            }
            'L' | 'C' | 'R' => {
                next = Font::default();
                runs.push((std::mem::take(&mut open), font));
            }
            _ => {}
        }
        if next != font {
            runs.push((std::mem::take(&mut open), font));
            font = next;
        }
    }
    open.push_str(rest);
    runs.push((open, font));
    runs.retain(|(text, _)| !text.trim().is_empty());
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_no_text_and_white_letters_are_lost() {
        let element = Element::root(
            "<headerFooter><oddHeader>&amp;L&amp;\"Arial,Bold\"&amp;14Report &amp;&amp; more&amp;CPage &amp;P\
             &amp;R&amp;KFFFFFFsecret</oddHeader><firstFooter>never</firstFooter></headerFooter>",
        );
        let found = read(&element.unwrap());
        let texts: Vec<_> = found.iter().map(|one| (one.text.as_str(), one.visibility)).collect();
        let printed = Visibility::Alternate(Alternate::OtherMedium);
        assert_eq!(
            texts,
            [
                ("Report & more", printed),
                ("Page ", printed),
                ("secret", Visibility::Hidden(Hiding::LowContrast)),
                ("never", Visibility::Hidden(Hiding::MachineOnly)),
            ]
        );
    }
}
