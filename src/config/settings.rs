//! `alnage.toml` and the environment → checked settings.

use crate::domain::access::Label;
use crate::domain::audit::Durability;
use crate::domain::budget::BudgetLimits;
use crate::domain::limits::READER_PROCESSES_MAX;
use crate::domain::policy::Mode;
use crate::domain::source::{Name, Tenant};
use crate::domain::toml_file::{Mistakes, TomlFile};

use super::audit;
use super::buckets::{self, BucketSettings};
use super::embedders::{self, EmbedderSettings};
use super::http::{self, HttpSettings};
use super::identity::{self, IssuerSettings};
use super::judges::{self, JudgeSettings};
use super::retrieval;

/// The layout of a workspace that this program makes and reads.
pub const WORKSPACE_VERSION: u64 = 1;

/// What a workspace is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Whether verdicts are enforced.
    pub mode: Mode,
    /// The profile of `policies/` in force.
    pub policy: Name,
    /// Tenant of sources that are created without one.
    pub tenant: Tenant,
    /// Reader processes; 0 means one for each core.
    pub reader_processes: u64,
    /// Pages of PDF are drawn where geometry alone cannot tell whether text is seen.
    pub second_opinion: bool,
    /// The service.
    pub http: HttpSettings,
    /// How many different chunks anybody may get in a while.
    pub budget: BudgetLimits,
    /// From which clearance on secrets and personal data in passages are told.
    pub unmasked_from: Option<Label>,
    /// When an audit record counts as taken.
    pub durability: Durability,
    /// Embedders on servers.
    pub embedders: Vec<EmbedderSettings>,
    /// Buckets that documents come from.
    pub buckets: Vec<BucketSettings>,
    /// Who is asked about the grey zone after the rules.
    pub judges: JudgeSettings,
    /// Whose tokens say who a user is.
    pub issuers: Vec<IssuerSettings>,
}

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Mistakes in the file.
    #[error(transparent)]
    Mistakes(#[from] Mistakes),
    /// Made by a newer program.
    #[error(
        "the workspace has version {found}, this program knows up to {WORKSPACE_VERSION}; use a newer program"
    )]
    Newer {
        /// In the file.
        found: u64,
    },
}

/// What the environment may override, by name.
pub const ENVIRONMENT: [&str; 2] = ["ALNAGE_MODE", "ALNAGE_POLICY"];

/// What a new workspace's `alnage.toml` says.
pub const TEMPLATE: &str = include_str!("template.toml");

/// Reads the file; `environment` holds the values of `ENVIRONMENT`, which win.
pub fn parse(
    file: &str,
    text: &str,
    environment: [Option<String>; 2],
) -> Result<Settings, SettingsError> {
    let toml = TomlFile::parse(file, text);
    let root = toml.root();
    if let Some(found) = root.number("version", 0..=u64::MAX)
        && found > WORKSPACE_VERSION
    {
        return Err(SettingsError::Newer { found });
    }
    root.only(&[
        "version",
        "mode",
        "policy",
        "tenant",
        "reader",
        "http",
        "audit",
        "retrieval",
        "embedders",
        "buckets",
        "identity",
        "judge",
    ]);
    root.number("version", 1..=WORKSPACE_VERSION);
    const MODES: [(&str, Mode); 2] = [("enforce", Mode::Enforce), ("observe", Mode::Observe)];
    let mut mode = root.one_of("mode", &MODES);
    let mut policy: Option<Name> = root.parsed("policy");
    for key in ["version", "mode", "policy"] {
        if !root.keys().contains(&key) {
            root.mistake(key, format!("`{key}` is missing"), "");
        }
    }
    let tenant = if root.keys().contains(&"tenant") {
        root.parsed("tenant")
    } else {
        Some(Tenant::default())
    };
    let [env_mode, env_policy] = environment;
    if let Some(text) = env_mode {
        mode = MODES.iter().find(|(word, _)| *word == text).map(|(_, mode)| *mode);
        if mode.is_none() {
            root.mistake("mode", "ALNAGE_MODE must be enforce or observe", "");
        }
    }
    if let Some(text) = env_policy {
        policy = text.parse().ok();
        if policy.is_none() {
            root.mistake("policy", "ALNAGE_POLICY must be the name of a profile", "");
        }
    }
    let reader = root.section("reader");
    if let Some(reader) = &reader {
        reader.only(&["processes", "second_opinion"]);
    }
    let says = |key: &str| reader.as_ref().filter(|reader| reader.keys().contains(&key));
    let processes = says("processes")
        .map_or(Some(0), |reader| reader.number("processes", 0..=READER_PROCESSES_MAX));
    let second_opinion =
        says("second_opinion").map_or(Some(true), |reader| reader.flag("second_opinion"));
    let http = http::parse(root.section("http").as_ref());
    let retrieval = retrieval::parse(root.section("retrieval").as_ref());
    let durability = audit::durability(&root);
    let (embedders, buckets) = (embedders::parse(&root), buckets::parse(&root));
    let judges = judges::parse(&root);
    let issuers = identity::parse(&root, tenant.as_ref());
    let settings = || {
        let (budget, unmasked_from) = retrieval?;
        Some(Settings {
            mode: mode?,
            policy: policy?,
            tenant: tenant?,
            reader_processes: processes?,
            second_opinion: second_opinion?,
            http: http?,
            durability: durability?,
            budget,
            unmasked_from,
            embedders,
            buckets,
            judges: judges?,
            issuers,
        })
    };
    let settings = settings();
    Ok(toml.finish(settings)?)
}

#[cfg(test)]
mod tests {
    use super::{SettingsError, TEMPLATE, parse};
    use crate::domain::audit::Durability;
    use crate::domain::policy::Mode;

    #[test]
    fn the_template_is_valid_and_enforces() {
        assert_eq!(parse("alnage.toml", TEMPLATE, [None, None]).unwrap().mode, Mode::Enforce);
    }

    #[test]
    fn what_the_template_shows_in_comments_is_valid_too() {
        let (template, shown) = TEMPLATE.split_once("# Who is asked").unwrap();
        let shown = shown.split_once('\n').unwrap().1.replace("# ", "").replace('#', "");
        let settings = parse("alnage.toml", &format!("{template}{shown}"), [None, None]).unwrap();
        assert!(settings.judges.local.is_some() && settings.judges.remote.is_some());
        assert_eq!(parse("a", TEMPLATE, [None, None]).unwrap().judges.local, None);
        let (_, issuer) = TEMPLATE.split_once("# [identity.staff]").unwrap();
        let (issuer, _) = issuer.split_once("\n\n").unwrap();
        let issuer = format!("{TEMPLATE}\n[identity.staff]{}", issuer.replace("# ", ""));
        assert_eq!(parse("a", &issuer, [None, None]).unwrap().issuers.len(), 1);
    }

    #[test]
    fn three_mistakes_are_three_lines() {
        let text = "version = 1\nmode = \"off\"\npolicy = \"No Such\"\n[reader]\nprocesses = 257\n";
        let error = parse("alnage.toml", text, [None, None]).unwrap_err().to_string();
        assert_eq!(error.lines().count(), 3, "{error}");
        assert!(error.contains("alnage.toml:2") && error.contains("alnage.toml:5"), "{error}");
    }

    #[test]
    fn durability_is_default_or_strict_and_nothing_else() {
        let parsed = |word: &str| {
            let text = format!("{TEMPLATE}\n")
                .replace("durability = \"default\"", &format!("durability = {word}"));
            parse("alnage.toml", &text, [None, None])
        };
        assert_eq!(parsed("\"default\"").unwrap().durability, Durability::Default);
        assert_eq!(parsed("\"strict\"").unwrap().durability, Durability::Strict);
        assert!(parsed("\"never\"").unwrap_err().to_string().contains("default, strict"));
    }

    #[test]
    fn a_newer_workspace_is_refused_whatever_else_it_holds() {
        let error = parse("alnage.toml", "version = 2\nnew = true\n", [None, None]).unwrap_err();
        assert!(matches!(error, SettingsError::Newer { found: 2 }));
    }

    #[test]
    fn the_environment_wins_and_is_checked_too() {
        let observe = Some("observe".to_owned());
        assert_eq!(parse("a", TEMPLATE, [observe, None]).unwrap().mode, Mode::Observe);
        assert!(parse("a", TEMPLATE, [Some("off".to_owned()), None]).is_err());
    }
}
