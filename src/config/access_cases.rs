//! Tables of cases: what the owner of access policies expects them to decide. Every mistake at once.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::domain::access::{AccessList, Identity, Label, Principal, PrincipalError, Who};
use crate::domain::authorize::Circumstances;
use crate::domain::source::{Name, Tenant};
use crate::domain::time::Timestamp;
use crate::domain::toml_file::{Mistakes, Section, TomlFile};

const KEYS: [&str; 17] = [
    "name",
    "user",
    "app",
    "groups",
    "principals",
    "clearance",
    "tenant",
    "purpose",
    "at",
    "allow",
    "deny",
    "label",
    "source",
    "of_tenant",
    "expect",
    "by",
    "doubted",
];

/// One expected decision.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it is called.
    pub name: String,
    /// Its line in the file.
    pub line: usize,
    /// Who is asked about.
    pub side: Identity,
    /// Under what.
    pub circumstances: Circumstances,
    /// Tenant of the document.
    pub tenant: Tenant,
    /// Who may read the document.
    pub list: AccessList,
    /// Name of its source.
    pub source: Option<Name>,
    /// Whether it may be read.
    pub expected: bool,
    /// The policies that decide it, where the case says so.
    pub by: Option<BTreeSet<String>>,
}

/// Reads `[[case]]` tables.
pub fn parse(file: &str, text: &str) -> Result<Vec<Case>, Mistakes> {
    let toml = TomlFile::parse(file, text);
    let root = toml.root();
    root.only(&["case"]);
    let cases = root.sections("case");
    if cases.is_empty() {
        root.mistake("case", "there is no `[[case]]`", "");
    }
    let cases: Vec<Option<Case>> = cases.iter().map(case).collect();
    toml.finish(cases.into_iter().collect())
}

fn case(fields: &Section<'_>) -> Option<Case> {
    fields.only(&KEYS);
    let name = fields.required("name");
    let expected = fields
        .required("expect")
        .and_then(|_| fields.one_of("expect", &[("allow", true), ("deny", false)]));
    let (app, user) = (fields.parsed::<Name>("app"), fields.text("user"));
    if app.is_none() && user.is_none() {
        fields.mistake("", "nobody asks here", "write `user`, or `app`");
    }
    let tenant: Tenant = fields.parsed("tenant").unwrap_or_default();
    let app = app.map(|app| app.to_string());
    let who = match (user, &app) {
        (Some(user), _) => Who::User(user.to_owned()),
        (None, app) => Who::App(app.clone().unwrap_or_default()),
    };
    let mut principals: BTreeSet<Principal> =
        fields.list("principals").unwrap_or_default().into_iter().collect();
    let groups = |key| fields.list::<Group>(key).unwrap_or_default().into_iter().map(|one| one.0);
    principals.extend(groups("groups"));
    if let Some(user) = user {
        match format!("user:{user}").parse() {
            Ok(itself) => drop(principals.insert(itself)),
            Err(error) => fields.mistake("user", format!("`user`: {error}"), ""),
        }
    }
    let clearance = fields.parsed("clearance").unwrap_or_default();
    let doubted = groups("doubted").collect();
    let side =
        Identity { who, tenant: tenant.clone(), principals, doubted, clearance, delegate: false };
    let set = |key| fields.list::<Principal>(key).unwrap_or_default().into_iter().collect();
    let list = AccessList {
        allow: set("allow"),
        deny: set("deny"),
        label: fields.parsed::<Label>("label").unwrap_or_default(),
    };
    let circumstances = Circumstances {
        at: fields.parsed::<Moment>("at").map_or(Timestamp(0), |moment| moment.0),
        purpose: fields.parsed("purpose"),
        app,
        user: user.map(ToOwned::to_owned),
    };
    let by = fields.list::<Name>("by");
    Some(Case {
        name: name?.to_owned(),
        line: fields.line(),
        side,
        circumstances,
        tenant: fields.parsed("of_tenant").unwrap_or(tenant),
        list,
        source: fields.parsed("source"),
        expected: expected?,
        by: by.map(|by| by.into_iter().map(|id| id.to_string()).collect()),
    })
}

/// A group by its bare name.
#[derive(Debug)]
pub(super) struct Group(pub(super) Principal);

impl FromStr for Group {
    type Err = PrincipalError;

    fn from_str(name: &str) -> Result<Self, PrincipalError> {
        format!("group:{name}").parse().map(Self)
    }
}

/// A moment, as RFC 3339 writes it.
struct Moment(Timestamp);

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let moment: jiff::Timestamp =
            text.parse().map_err(|_| "write a moment as `2027-01-31T12:00:00Z`".to_owned())?;
        Ok(Self(Timestamp(moment.as_millisecond())))
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn every_mistake_is_reported_with_its_line() {
        let text = "[[case]]\nname = \"a\"\nuser = \"ana\"\nexpect = \"maybe\"\n\
                    [[case]]\nname = \"b\"\nexpect = \"deny\"\n\
                    [[case]]\nuser = \"ana\"\nexpect = \"deny\"\nat = \"soon\"\ngroup = []\n";
        let mistakes = parse("cases.toml", text).unwrap_err();
        let lines: Vec<usize> = mistakes.0.iter().map(|one| one.line).collect();
        assert_eq!(lines, [4, 5, 8, 11, 12], "{mistakes}");
        assert!(parse("cases.toml", "").is_err());
    }

    #[test]
    fn a_case_has_a_side_a_moment_and_a_list() {
        let text = "[[case]]\nname = \"a\"\nuser = \"ana\"\ngroups = [\"red\"]\napp = \"bot\"\n\
                    at = \"2027-01-31T00:00:01Z\"\nallow = [\"group:red\"]\nexpect = \"allow\"\n";
        let cases = parse("cases.toml", text).unwrap();
        let case = &cases[0];
        assert_eq!(case.circumstances.at.0, 1_801_353_601_000);
        assert_eq!(case.circumstances.app.as_deref(), Some("bot"));
        assert!(case.expected && case.side.named_by(&case.list.allow).count() == 1);
    }
}
