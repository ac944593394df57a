//! Arrows between layers point down. The table is that of the house style, and of the manual.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Layer, and what it may use.
const MAY_USE: [(&str, &[&str]); 8] = [
    ("domain", &[]),
    ("parse", &["domain"]),
    ("chunk", &["domain"]),
    ("detect", &["domain"]),
    ("pipeline", &["parse", "chunk", "detect", "domain"]),
    ("adapters", &["pipeline", "domain"]),
    ("config", &["domain"]),
    ("interface", &["config", "adapters", "pipeline", "domain"]),
];

#[test]
fn arrows_between_layers_only_point_down() {
    let mut crossings = Vec::new();
    for (layer, allowed) in MAY_USE {
        for file in sources(layer) {
            let code = without_comments(&fs::read_to_string(&file).unwrap());
            let product = code.split("#[cfg(test)]").next().unwrap_or_default();
            for used in used_layers(product) {
                if used != layer && !allowed.contains(&used.as_str()) {
                    crossings.push(format!("{} uses {used}", file.display()));
                }
            }
            if product.contains("super::super") {
                crossings.push(format!("{} reaches over its parent", file.display()));
            }
        }
    }
    assert_eq!(crossings, Vec::<String>::new());
}

#[test]
fn every_folder_is_a_layer_of_the_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let folders = fs::read_dir(root).unwrap().flatten().filter(|entry| entry.path().is_dir());
    let names: BTreeSet<String> =
        folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    let mut table: BTreeSet<String> = MAY_USE.iter().map(|(name, _)| (*name).to_owned()).collect();
    table.insert("manual".to_owned());
    assert_eq!(names, table);
}

#[test]
fn callers_are_verified_in_one_place() {
    let door = "Caller::verified(";
    let users: Vec<String> = MAY_USE
        .iter()
        .flat_map(|(layer, _)| sources(layer))
        .filter(|file| without_comments(&fs::read_to_string(file).unwrap()).contains(door))
        // Unit tests, which are in no product.
        .filter(|file| !file.ends_with("tests.rs"))
        .map(|file| file.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(users, ["credentials.rs"]);
}

fn sources(layer: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(layer);
    let files = walkdir::WalkDir::new(root).sort_by_file_name().into_iter();
    files
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .collect()
}

fn without_comments(code: &str) -> String {
    let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// Names after `crate::`, those of grouped imports too.
fn used_layers(code: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut name = String::new();
            for ch in group.chars() {
                match ch {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => name.clear(),
                    ':' if depth == 0 && !name.is_empty() => {
                        used.insert(std::mem::take(&mut name));
                    }
                    ch if depth == 0 && (ch.is_alphanumeric() || ch == '_') => name.push(ch),
                    _ => {}
                }
            }
        } else {
            let name = rest.chars().take_while(|ch| ch.is_alphanumeric() || *ch == '_').collect();
            used.insert(name);
        }
    }
    used
}
