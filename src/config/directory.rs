//! `directory.toml` → users with their groups and clearance, every mistake at once.

use std::collections::BTreeMap;

use crate::domain::access::{Principal, User};

use crate::domain::toml_file::{Mistakes, Section, TomlFile};

use super::access_cases::Group;

/// Reads `[users.NAME]` tables with `groups` and `clearance`. An unknown field is a mistake: a misspelt
/// `clearance` would otherwise silently give another one.
pub fn parse(file: &str, text: &str) -> Result<BTreeMap<String, User>, Mistakes> {
    let toml = TomlFile::parse(file, text);
    let root = toml.root();
    root.only(&["users"]);
    let users = root.section("users").map(|section| users(&section)).unwrap_or_default();
    toml.finish(Some(users))
}

fn users(section: &Section<'_>) -> BTreeMap<String, User> {
    let mut users = BTreeMap::new();
    for name in section.keys() {
        if let Err(error) = format!("user:{name}").parse::<Principal>() {
            section.mistake(name, error.to_string(), "");
        }
        if let Some(fields) = section.section(name) {
            users.insert(name.to_owned(), user(&fields));
        }
    }
    users
}

fn user(fields: &Section<'_>) -> User {
    fields.only(&["groups", "clearance"]);
    let groups = fields.list::<Group>("groups").unwrap_or_default();
    User {
        groups: groups.into_iter().map(|group| group.0).collect(),
        clearance: fields.parsed("clearance").unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn every_mistake_is_reported_with_its_line() {
        let text = "[users.alice]\ngroup = [\"staff\"]\nclearance = \"secret\"\n\
                    [users.bob]\ngroups = [\"\", 7]\n[user.carol]\n[users.\" \"]\n";
        let mistakes = parse("directory.toml", text).unwrap_err();
        let lines: Vec<usize> = mistakes.0.iter().map(|mistake| mistake.line).collect();
        assert_eq!(lines, [2, 3, 5, 5, 6, 7], "{mistakes}");
        assert!(
            mistakes.to_string().contains("directory.toml:3: `clearance`: `secret` is no label")
        );
    }

    #[test]
    fn broken_toml_is_reported_with_its_line_and_gives_no_directory() {
        let mistakes = parse("d", "[users.alice]\ngroups = [\n").unwrap_err();
        assert!(mistakes.0.iter().all(|mistake| mistake.line >= 2), "{mistakes}");
        assert!(parse("d", "[users.a]\nclearance='public'\n[users.a]\n").is_err());
    }

    #[test]
    fn a_user_without_clearance_is_cleared_for_internal() {
        let users = parse("d", "[users.\"bob smith\"]\ngroups = [\"staff\"]\n").unwrap();
        let bob = &users["bob smith"];
        assert_eq!(bob.clearance.name(), "internal");
        assert!(bob.groups.contains(&"group:staff".parse().unwrap()));
    }
}
