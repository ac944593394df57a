//! Access files that lie beside documents → what they say, every mistake at once.
//!
//! They come from wherever documents come from, so they may be anybody's: they are bounded, and nothing
//! that they say reaches beyond what the source gives.

use crate::domain::access::Principal;
use crate::domain::limits::{ACCESS_ENTRIES_MAX, ACCESS_RULES_MAX};
use crate::domain::mapping::{Rule, Said};

use crate::domain::toml_file::{Mistakes, Section, TomlFile};

/// Reads a sidecar: `readers`, `deny`, `label`, at least one of them.
pub fn sidecar(file: &str, text: &str) -> Result<Said, Mistakes> {
    let toml = TomlFile::parse(file, text);
    let root = toml.root();
    root.only(&["readers", "deny", "label"]);
    let said = said(&root);
    toml.finish(Some(said))
}

/// Reads a folder's rules: `[[rule]]` with `path`, what a sidecar can say, and `binding`.
pub fn rules(file: &str, text: &str) -> Result<Vec<Rule>, Mistakes> {
    let toml = TomlFile::parse(file, text);
    let root = toml.root();
    root.only(&["rule"]);
    let sections = root.sections("rule");
    if sections.is_empty() {
        root.mistake("rule", "there is no `[[rule]]`", "");
    }
    if sections.len() > ACCESS_RULES_MAX {
        root.mistake("rule", format!("a folder has at most {ACCESS_RULES_MAX} rules"), "");
    }
    let rules: Vec<Rule> = sections.iter().take(ACCESS_RULES_MAX).filter_map(rule).collect();
    toml.finish(Some(rules))
}

fn rule(fields: &Section<'_>) -> Option<Rule> {
    fields.only(&["path", "readers", "deny", "label", "binding"]);
    fields.required("path");
    let binding = fields.flag("binding").unwrap_or(false);
    let said = said(fields);
    Some(Rule { path: fields.parsed("path")?, said, binding })
}

fn said(fields: &Section<'_>) -> Said {
    let names = |key: &str| {
        let names: Vec<Principal> = fields.list(key)?;
        if names.len() > ACCESS_ENTRIES_MAX {
            fields.mistake(key, format!("`{key}` holds more than {ACCESS_ENTRIES_MAX} names"), "");
        }
        Some(names.into_iter().collect())
    };
    let said =
        Said { readers: names("readers"), deny: names("deny"), label: fields.parsed("label") };
    if !["readers", "deny", "label"].iter().any(|key| fields.keys().contains(key)) {
        fields.mistake("readers", "nothing is said", "say `readers`, `deny` or `label`");
    }
    said
}

#[cfg(test)]
mod tests {
    use super::{rules, sidecar};
    use crate::domain::access::Label;

    #[test]
    fn what_is_not_said_stays_open_and_nobody_can_be_said() {
        let said = sidecar("s", "readers = []\nlabel = \"confidential\"\n").unwrap();
        assert_eq!(said.readers, Some([].into()));
        assert_eq!((said.deny, said.label), (None, Some(Label::Confidential)));
    }

    #[test]
    fn every_mistake_has_its_line_and_gives_nothing() {
        let text = "readers = [\"people\"]\nlabel = \"secret\"\nreader = []\n";
        let lines: Vec<usize> =
            sidecar("s", text).unwrap_err().0.iter().map(|one| one.line).collect();
        assert_eq!(lines, [1, 2, 3]);
        assert!(sidecar("s", "").is_err(), "an empty file is a mistake, not permission");
        let text = "[[rule]]\npath = \"/hr\"\n[[rule]]\nlabel = \"public\"\n";
        let mistakes = rules("r", text).unwrap_err();
        assert_eq!(mistakes.0.len(), 3, "{mistakes}");
        assert!(rules("r", "").is_err());
    }

    #[test]
    fn rules_keep_their_order() {
        let text = "[[rule]]\npath = \"hr/**\"\nreaders = [\"group:people\"]\nbinding = true\n\
                    [[rule]]\npath = \"**\"\nlabel = \"public\"\n";
        let rules = rules("r", text).unwrap();
        assert!(rules[0].binding && !rules[1].binding && rules[0].path.fits("hr/a"));
    }
}
