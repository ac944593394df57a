//! Who calls: the only file that makes a `Caller`.
//!
//! Today there is one kind of credential: the local operator, who owns the key file, and may look at
//! the workspace as any user (`--as`). The directory says which groups and clearance a user has.
//!
//! Lets through on purpose: a user whom the directory does not know. The operator vouches for the name;
//! such a user has no groups and the clearance `internal`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::domain::access::{Identity, Label, Principal, PrincipalError};
use crate::domain::caller::Caller;
use crate::domain::finding::draw_safely;
use crate::domain::source::Tenant;

/// The local directory of users.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Directory {
    users: BTreeMap<String, UserEntry>,
}

/// What the directory says of one user.
#[derive(Debug, Clone, PartialEq, Eq)]
struct UserEntry {
    groups: BTreeSet<Principal>,
    clearance: Label,
}

/// One mistake in the directory file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Its line, from 1.
    pub line: usize,
    /// What is wrong there, drawn safely.
    pub text: String,
}

/// The directory file cannot be used; every mistake in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct DirectoryError {
    /// In the order of lines.
    pub mistakes: Vec<Mistake>,
}

impl fmt::Display for DirectoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the user directory has mistakes")?;
        for (at, Mistake { line, text }) in self.mistakes.iter().enumerate() {
            write!(f, "{} line {line}: {text}", if at == 0 { ":" } else { ";" })?;
        }
        Ok(())
    }
}

/// Nobody can be called by this credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// The name is none that an access list could hold.
    #[error("the user's name cannot be a principal")]
    Name {
        /// Why not.
        #[source]
        source: PrincipalError,
    },
}

impl Directory {
    /// Reads `[users.NAME]` tables with `groups` and `clearance`. Unknown fields are mistakes: a
    /// misspelt `clearance` would otherwise silently give another one.
    pub fn from_toml(text: &str) -> Result<Self, DirectoryError> {
        let (document, faults) = DeTable::parse_recoverable(text);
        let mut reading = Reading { text, mistakes: Vec::new() };
        for fault in faults {
            reading.mistake(fault.span().unwrap_or_default(), fault.message());
        }
        let mut directory = Self::default();
        for (key, value) in document.get_ref() {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("users", DeValue::Table(users)) => directory.users = reading.users(users),
                ("users", _) => reading.mistake(value.span(), "`users` must be a table"),
                (other, _) => reading.unknown(key.span(), other, "users"),
            }
        }
        let mut mistakes = reading.mistakes;
        if mistakes.is_empty() {
            return Ok(directory);
        }
        mistakes.sort_by_key(|mistake| mistake.line);
        Err(DirectoryError { mistakes })
    }

    /// The caller that this user is, as the local operator vouches.
    pub fn view_as(&self, tenant: &Tenant, user: &str) -> Result<Caller, CredentialError> {
        let name = format!("user:{user}");
        let itself: Principal = name.parse().map_err(|source| CredentialError::Name { source })?;
        let entry = self.users.get(user);
        let mut principals = entry.map(|entry| entry.groups.clone()).unwrap_or_default();
        principals.insert(itself);
        let clearance = entry.map_or(Label::Internal, |entry| entry.clearance);
        let identity = Identity { tenant: tenant.clone(), principals, clearance };
        Ok(Caller::verified(name, identity, None))
    }
}

/// The file's text and what was wrong in it so far.
struct Reading<'a> {
    text: &'a str,
    mistakes: Vec<Mistake>,
}

impl Reading<'_> {
    fn users(&mut self, users: &DeTable<'_>) -> BTreeMap<String, UserEntry> {
        let mut entries = BTreeMap::new();
        for (name, value) in users {
            if let Err(fault) = format!("user:{}", name.get_ref()).parse::<Principal>() {
                self.mistake(name.span(), fault);
            }
            match value.get_ref() {
                DeValue::Table(fields) => {
                    entries.insert(name.get_ref().to_string(), self.user(fields));
                }
                _ => self.mistake(value.span(), "a user must be a table"),
            }
        }
        entries
    }

    fn user(&mut self, fields: &DeTable<'_>) -> UserEntry {
        let mut entry = UserEntry { groups: BTreeSet::new(), clearance: Label::Internal };
        for (key, value) in fields {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("groups", DeValue::Array(groups)) => {
                    let groups = groups.iter().filter_map(|group| self.group(group));
                    entry.groups = groups.collect();
                }
                ("groups", _) => self.mistake(value.span(), "`groups` must be a list of names"),
                ("clearance", DeValue::String(label)) => match label.parse() {
                    Ok(label) => entry.clearance = label,
                    Err(fault) => self.mistake(value.span(), fault),
                },
                ("clearance", _) => self.mistake(value.span(), "`clearance` must be a label"),
                (other, _) => self.unknown(key.span(), other, "groups` or `clearance"),
            }
        }
        entry
    }

    fn group(&mut self, group: &Spanned<DeValue<'_>>) -> Option<Principal> {
        let DeValue::String(name) = group.get_ref() else {
            self.mistake(group.span(), "a group must be a name");
            return None;
        };
        match format!("group:{name}").parse() {
            Ok(principal) => Some(principal),
            Err(fault) => {
                self.mistake(group.span(), fault);
                None
            }
        }
    }

    fn unknown(&mut self, span: Range<usize>, found: &str, wanted: &str) {
        self.mistake(span, format!("unknown field `{}`; use `{wanted}`", draw_safely(found)));
    }

    fn mistake(&mut self, span: Range<usize>, text: impl fmt::Display) {
        let before = self.text.bytes().take(span.start);
        let line = 1 + before.filter(|byte| *byte == b'\n').count();
        self.mistakes.push(Mistake { line, text: draw_safely(&text.to_string()) });
    }
}

#[cfg(test)]
mod tests {
    use super::Directory;
    use crate::domain::access::{AccessClass, AccessList, Label};
    use crate::domain::id::ClassId;
    use crate::domain::source::Tenant;

    const USERS: &str = r#"
[users.alice]
groups = ["staff", "people"]
clearance = "confidential"

[users."bob smith"]
groups = []
"#;

    fn class(allow: &str, label: Label) -> AccessClass {
        AccessClass {
            id: ClassId::new(uuid::Uuid::from_u128(1)),
            tenant: Tenant::default(),
            list: AccessList::allowing([allow.parse().unwrap()], label),
        }
    }

    fn may_read(user: &str, class: &AccessClass) -> bool {
        let directory = Directory::from_toml(USERS).unwrap();
        directory.view_as(&Tenant::default(), user).unwrap().may_read(class)
    }

    #[test]
    fn a_user_reads_by_name_group_and_clearance() {
        assert!(may_read("alice", &class("user:alice", Label::Internal)));
        assert!(may_read("alice", &class("group:staff", Label::Confidential)));
        assert!(!may_read("alice", &class("group:staff", Label::Restricted)));
        assert!(!may_read("alice", &class("group:board", Label::Public)));
        assert!(may_read("bob smith", &class("user:bob smith", Label::Internal)));
        assert!(!may_read("bob smith", &class("group:staff", Label::Internal)));
    }

    #[test]
    fn a_user_outside_the_directory_has_no_groups_and_internal_clearance() {
        assert!(may_read("carol", &class("user:carol", Label::Internal)));
        assert!(may_read("carol", &class("everyone", Label::Internal)));
        assert!(!may_read("carol", &class("everyone", Label::Confidential)));
        assert!(!may_read("carol", &class("group:staff", Label::Public)));
    }

    #[test]
    fn a_user_belongs_to_the_tenant_that_was_asked_for_alone() {
        let caller = Directory::default().view_as(&"other".parse().unwrap(), "alice").unwrap();
        assert!(!caller.may_read(&class("everyone", Label::Public)));
        assert_eq!(caller.name(), "user:alice");
    }

    #[test]
    fn a_name_that_no_list_can_hold_is_nobody() {
        let directory = Directory::default();
        for name in ["", " alice", "a\u{202e}b", &"x".repeat(300)] {
            assert!(directory.view_as(&Tenant::default(), name).is_err());
        }
    }

    #[test]
    fn every_mistake_is_reported_with_its_line() {
        let text = "[users.alice]\ngroup = [\"staff\"]\nclearance = \"secret\"\n\
                    [users.bob]\ngroups = [\"\", 7]\n[user.carol]\n[users.\" \"]\n";
        let error = Directory::from_toml(text).unwrap_err();
        let lines: Vec<usize> = error.mistakes.iter().map(|mistake| mistake.line).collect();
        assert_eq!(lines, [2, 3, 5, 5, 6, 7]);
        assert!(error.to_string().contains("line 3: `secret` is no label"));
    }

    #[test]
    fn broken_toml_is_reported_with_its_line_and_gives_no_directory() {
        let error = Directory::from_toml("[users.alice]\ngroups = [\n").unwrap_err();
        assert!(error.mistakes.iter().all(|mistake| mistake.line >= 2));
        assert!(Directory::from_toml("[users.a]\nclearance='public'\n[users.a]\n").is_err());
    }
}
