//! What Office Open XML files have in common (ECMA-376 part 2): relations between parts, properties,
//! embedded files, macros.

use super::Builder;
use super::package::{Package, Unread};
use super::paragraphs::Paragraphs;
use super::remains;
use super::xml::Element;
use crate::domain::document::{
    Block, BlockKind, Doubt, Format, Hiding, Joint, Location, NoticeKind, Visibility,
};
use crate::domain::finding::draw_safely;

/// A relation of a part to another part or an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Relation {
    /// Its id in the part that has it.
    pub(super) id: String,
    /// Last step of its type: `slideLayout`, `hyperlink`.
    pub(super) kind: String,
    /// Name of the part, or the address.
    pub(super) target: String,
    /// Whether the target is an address.
    pub(super) is_external: bool,
}

/// The relations of a part; of the package itself for an empty name.
pub(super) fn relations(package: &mut Package<'_>, part: &str) -> Vec<Relation> {
    let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
    let slash = if folder.is_empty() { "" } else { "/" };
    let Ok(text) = package.text(&format!("{folder}{slash}_rels/{name}.rels")) else {
        return Vec::new();
    };
    let root = Element::root(&text).unwrap_or_default();
    let relation = |element: &Element| {
        let target = element.attr("Target")?;
        let is_external = element.attr("TargetMode").is_some_and(|mode| mode == "External");
        let kind = element.attr("Type").unwrap_or_default();
        Some(Relation {
            id: element.attr("Id").unwrap_or_default().to_owned(),
            kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
            target: if is_external { target.to_owned() } else { resolved(folder, target) },
            is_external,
        })
    };
    root.all("Relationship").filter_map(relation).collect()
}

/// The name of the part that a package's main relation leads to.
pub(super) fn main_part(package: &mut Package<'_>, usual: &str) -> String {
    let relations = relations(package, "");
    let main = relations.into_iter().find(|relation| relation.kind == "officeDocument");
    main.map_or_else(|| usual.to_owned(), |relation| relation.target)
}

/// A target as the name of a part.
pub(super) fn resolved(folder: &str, target: &str) -> String {
    let mut steps: Vec<&str> = Vec::new();
    let from_root = target.starts_with('/');
    let before = if from_root { "" } else { folder };
    for step in before.split('/').chain(target.split('/')) {
        match step {
            "" | "." => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    steps.join("/")
}

/// Reads a part that should be there; a notice and nothing when it cannot be.
pub(super) fn expected(
    package: &mut Package<'_>,
    builder: &mut Builder,
    part: &str,
) -> Option<String> {
    package.text(part).map_err(|unread| unread_part(builder, part, unread)).ok()
}

/// Says that a part was not read.
pub(super) fn unread_part(builder: &mut Builder, part: &str, unread: Unread) {
    let detail = format!("part `{}` {}", draw_safely(part), unread.clause());
    builder.notice_once(unread.kind(), &detail);
}

/// Takes in what is left of a part whose markup broke off: the text between what looks like tags.
pub(super) fn broken(builder: &mut Builder, paragraphs: &mut Paragraphs, rest: &str) {
    builder.notice_once(NoticeKind::Malformed, "a part of it ends where its markup is broken");
    let visibility = Visibility::Undetermined(Doubt::Broken);
    for piece in rest.split('<') {
        let text = piece.split_once('>').map_or(piece, |(_, text)| text);
        if !text.trim().is_empty() {
            paragraphs.text(builder, text, visibility);
        }
    }
}

/// What hangs on a file beside its pages: properties, data for programs, embedded files, macros.
pub(super) fn beside(package: &mut Package<'_>, builder: &mut Builder) {
    if package.has_twins() {
        let detail = "two parts in it have one name; only the last was read";
        builder.notice_once(NoticeKind::Unreadable, detail);
    }
    for name in package.names().to_vec() {
        let lower = name.to_ascii_lowercase();
        let is_xml = lower.ends_with(".xml");
        if lower.starts_with("docprops/") && is_xml {
            properties(package, builder, &name);
        } else if lower.starts_with("customxml/") && is_xml && !lower.contains("itemprops") {
            data(package, builder, &name);
        } else if lower.ends_with(".rels") || lower == "[content_types].xml" {
            let text = package.text(&name).unwrap_or_default();
            remains::stray_text(builder, &name, &text);
        } else if lower.contains("/embeddings/") && !lower.ends_with('/') {
            match package.part(&name) {
                Ok(bytes) => builder.member(&name, Format::of_name(&name), bytes),
                Err(unread) => unread_part(builder, &name, unread),
            }
        } else if lower.ends_with("vbaproject.bin") {
            builder.notice_once(NoticeKind::ActiveContent, "it has macros");
        } else if lower.contains("/activex/") {
            builder.notice_once(NoticeKind::ActiveContent, "it has ActiveX controls");
        }
    }
}

/// Each property with its name; the title names the document. Attributes that say something are for programs.
pub(super) fn properties(package: &mut Package<'_>, builder: &mut Builder, part: &str) {
    let Some(text) = expected(package, builder, part) else { return };
    let Some(root) = remains::tree(builder, part, &text) else { return };
    for element in root.each() {
        if element.name == "title" {
            builder.title(&element.text);
        }
        let name = element.attr("name").unwrap_or(&element.name);
        builder.block(value(&element.text, name, Visibility::Metadata));
        for (attr, text) in &element.attrs {
            if text.contains(' ') && attr != "name" {
                builder.block(value(text, name, Visibility::Hidden(Hiding::MachineOnly)));
            }
        }
    }
}

/// XML that only programs read.
fn data(package: &mut Package<'_>, builder: &mut Builder, part: &str) {
    let Some(text) = expected(package, builder, part) else { return };
    let Some(root) = remains::tree(builder, part, &text) else { return };
    let visibility = Visibility::Hidden(Hiding::MachineOnly);
    for element in root.each() {
        let attributes = element.attrs.iter().map(|(_, value)| value);
        for text in attributes.chain([&element.text]) {
            builder.block(value(text, part, visibility));
        }
    }
}

/// A value that hangs on the file.
pub(super) fn value(text: &str, name: &str, visibility: Visibility) -> Block {
    Block {
        text: text.trim().to_owned(),
        kind: BlockKind::Attached,
        joint: Joint::Line,
        visibility,
        location: Location::Property { name: name.to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::package::tests::packed;

    #[test]
    fn relations_lead_to_parts_by_their_names() {
        let text = br#"<Relationships>
            <Relationship Id="a" Type="http://x/slideLayout" Target="../layouts/l.xml"/>
            <Relationship Id="b" Type="http://x/image" Target="/media/i.png"/>
            <Relationship Id="c" Type="http://x/hyperlink" Target="http://e/../f" TargetMode="External"/>
            </Relationships>"#;
        let bytes = packed(&[("ppt/slides/_rels/s.xml.rels", text)]);
        let found = relations(&mut Package::open(&bytes, "pptx").unwrap(), "ppt/slides/s.xml");
        let targets: Vec<_> = found.iter().map(|one| one.target.as_str()).collect();
        assert_eq!(targets, ["ppt/layouts/l.xml", "media/i.png", "http://e/../f"]);
        assert_eq!(found[0].kind, "slideLayout");
    }

    #[test]
    fn what_hangs_on_a_file_is_read_apart() {
        let bytes = packed(&[
            ("docProps/core.xml", b"<c><dc:title>Plan</dc:title><k>words</k></c>"),
            ("docProps/custom.xml", b"<p><property name='Note'><vt>secret</vt></property></p>"),
            ("customXml/item1.xml", b"<d a='one'>two</d>"),
            ("word/embeddings/s.xlsx", b"PK"),
            ("word/vbaProject.bin", b"x"),
        ]);
        let mut builder = Builder::new(Format::Docx);
        beside(&mut Package::open(&bytes, "docx").unwrap(), &mut builder);
        let opened = builder.finish_opened();
        let texts: Vec<_> = opened.document.blocks.iter().map(|one| one.text.as_str()).collect();
        assert_eq!(texts, ["Plan", "words", "secret", "one", "two"]);
        assert_eq!(opened.document.title.as_deref(), Some("Plan"));
        assert_eq!(opened.members[0].declared, Some(Format::Xlsx));
        assert_eq!(opened.document.notices[0].kind, NoticeKind::ActiveContent);
    }
}
