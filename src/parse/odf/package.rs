//! The parts of an OpenDocument package: content first, then masters, objects, and what is for programs.

use std::collections::BTreeSet;

use super::conditions;
use super::flow::Flow;
use super::front;
use super::style::Styles;
use super::walk::{MACHINE_ONLY, Walk};
use crate::domain::document::{Format, NoticeKind, Opened};
use crate::parse::Builder;
use crate::parse::drawing::picture::Pictures;
use crate::parse::error::ParseError;
use crate::parse::formulas::Formulas;
use crate::parse::ooxml::{expected, properties, unread_part};
use crate::parse::package::{Package, Unread};
use crate::parse::remains;
use crate::parse::xml::{Element, Step, Xml};

pub(in crate::parse) fn parse(bytes: &[u8], format: Format) -> Result<Opened, ParseError> {
    let mut package = Package::open(bytes, format.name())?;
    let mut builder = Builder::new(format);
    encrypted(&mut package, &mut builder)?;
    let mut formulas = Formulas::default();
    let mut pictures = Pictures::default();
    document(&mut package, &mut builder, &mut pictures, "", format, &mut formulas)?;
    formulas.write(&mut builder);
    if package.has_twins() {
        let detail = "two parts in it have one name; only the last was read";
        builder.notice_once(NoticeKind::Unreadable, detail);
    }
    for name in package.names().to_vec() {
        beside(&mut package, &mut builder, &mut pictures, &name, format);
    }
    Ok(builder.finish_opened())
}

/// Refuses what is encrypted as a whole, and says what is in parts.
fn encrypted(package: &mut Package<'_>, builder: &mut Builder) -> Result<(), ParseError> {
    let manifest = package.text("META-INF/manifest.xml").unwrap_or_default();
    let Some(root) = Element::root(&manifest) else { return Ok(()) };
    let is_encrypted = |entry: &&Element| entry.child("encryption-data").is_some();
    for entry in root.all("file-entry").filter(is_encrypted) {
        let path = entry.attr("full-path").unwrap_or_default();
        if matches!(path, "content.xml" | "encrypted-package" | "/") {
            return Err(ParseError::Encrypted);
        }
        builder.notice_once(NoticeKind::Encrypted, "a part of it is encrypted");
    }
    Ok(())
}

/// Reads the content of the document itself, or of an object in a folder of it.
fn document(
    package: &mut Package<'_>,
    builder: &mut Builder,
    pictures: &mut Pictures,
    folder: &str,
    format: Format,
    formulas: &mut Formulas,
) -> Result<(), ParseError> {
    let (content, common) = (format!("{folder}content.xml"), format!("{folder}styles.xml"));
    let text = match package.text(&content) {
        Ok(text) => text,
        Err(Unread::Encrypted) => return Err(ParseError::Encrypted),
        Err(unread) => {
            unread_part(builder, &content, unread);
            String::new()
        }
    };
    let common_text = package.text(&common).unwrap_or_default();
    let (mut styles, mut of_masters) = (Styles::default(), Styles::default());
    each_style(&common_text, |list, element| {
        of_masters.take(element);
        // Automatic styles hold in their own part only.
        if list != "automatic-styles" {
            styles.take(element);
        }
    });
    each_style(&text, |_, element| styles.take(element));
    let masters = of_masters.masters();
    styles.take_masters(masters.clone());
    of_masters.take_masters(masters);
    if styles.is_full() || of_masters.is_full() {
        builder.notice_once(NoticeKind::LimitReached, "more styles than a file may have");
    }
    let mut masters_named = None;
    for (part, text, styles) in
        [(&content, &text, &mut styles), (&common, &common_text, &mut of_masters)]
    {
        let mut is_opaque = |name: &str| pictures.is_opaque(package, &format!("{folder}{name}"));
        let under = match format {
            Format::Odt => front::covered(text, styles, &mut is_opaque),
            _ => BTreeSet::new(),
        };
        let mut walk = Walk::new(Flow::new(builder, part), styles, format, formulas);
        walk.under = under;
        // The pages of an object are not those of the document that holds it.
        let is_page_of_object = !folder.is_empty() && *part == common;
        walk.outer = is_page_of_object.then_some(MACHINE_ONLY);
        walk.conditions = conditions::lists(text);
        walk.is_opaque = Some(Box::new(is_opaque));
        walk.has_pages_of(masters_named.take());
        let fault = walk.read(text);
        masters_named = Some(walk.masters_named());
        drop(walk);
        remains::broken(builder, part, fault);
    }
    Ok(())
}

/// Goes through the styles of a part, each with the name of the list that it is in.
fn each_style(text: &str, mut with: impl FnMut(&str, &Element)) {
    let mut xml = Xml::new(text);
    let mut list = String::new();
    while let Some(step) = xml.step() {
        match step {
            Step::Open(tag) => match tag.name() {
                "styles" | "automatic-styles" | "master-styles" => tag.name().clone_into(&mut list),
                "body" => xml.skip(),
                _ if !list.is_empty() => {
                    let element = Element::below(&tag, &mut xml);
                    with(&list, &element);
                }
                _ => {}
            },
            // A style is read whole, so that this is the end of the list, or of what is around it.
            Step::Close => list.clear(),
            Step::Text(_) | Step::Comment(_) | Step::Declarations(_) => {}
        }
    }
}

/// A part that is not the content.
fn beside(
    package: &mut Package<'_>,
    builder: &mut Builder,
    pictures: &mut Pictures,
    name: &str,
    format: Format,
) {
    let lower = name.to_ascii_lowercase();
    let is_fixed = matches!(
        lower.as_str(),
        "content.xml" | "styles.xml" | "mimetype" | "manifest.rdf" | "layout-cache"
    );
    let is_aside =
        ["meta-inf/", "pictures/", "thumbnails/", "configurations2/", "objectreplacements/"]
            .iter()
            .any(|start| lower.starts_with(start));
    if is_aside && lower.ends_with(".xml") && !lower.contains("signatures") {
        let text = package.text(name).unwrap_or_default();
        remains::stray_text(builder, name, &text);
    }
    if is_fixed || is_aside || lower.ends_with('/') {
        return;
    }
    if lower == "meta.xml" {
        properties(package, builder, name);
    } else if let Some(folder) = name.strip_suffix("content.xml") {
        object(package, builder, pictures, folder, format);
    } else if lower.starts_with("basic/") || lower.starts_with("scripts/") {
        builder.notice_once(NoticeKind::ActiveContent, "it has scripts or runs macros on events");
        machine(package, builder, name);
    } else if lower.ends_with(".xml") {
        // Styles are read with their content.
        let folder = name.strip_suffix("styles.xml");
        let content = folder.map(|folder| format!("{folder}content.xml"));
        if !content.is_some_and(|content| package.has(&content)) {
            machine(package, builder, name);
        }
    } else if lower.ends_with(".rdf") {
        machine(package, builder, name);
    } else {
        match package.part(name) {
            Ok(bytes) => builder.member(name, Format::of_name(name), bytes),
            Err(unread) => unread_part(builder, name, unread),
        }
    }
}

fn machine(package: &mut Package<'_>, builder: &mut Builder, name: &str) {
    if let Some(text) = expected(package, builder, name) {
        remains::machine_text(builder, name, &text);
    }
}

/// A chart, a formula or another document inside this one.
fn object(
    package: &mut Package<'_>,
    builder: &mut Builder,
    pictures: &mut Pictures,
    folder: &str,
    format: Format,
) {
    let mut formulas = Formulas::default();
    if document(package, builder, pictures, folder, format, &mut formulas).is_err() {
        builder.notice_once(NoticeKind::Encrypted, "a part of it is encrypted");
    }
    formulas.write(builder);
}
