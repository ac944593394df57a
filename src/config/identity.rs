//! `[identity.NAME]` of `alnage.toml` → issuers of users' tokens, every mistake at once.

use std::collections::BTreeSet;
use std::path::PathBuf;

use reqwest::Url;

use crate::domain::access::Label;
use crate::domain::claims::{Algorithm, Rules};
use crate::domain::limits::TOKEN_SKEW_SECONDS_MAX;
use crate::domain::source::{Name, Tenant};
use crate::domain::toml_file::Section;

use super::embedders::{self, KeyPlace};

const KEYS: [&str; 18] = [
    "issuer",
    "audiences",
    "algorithms",
    "jwks_url",
    "secret_env",
    "secret_file",
    "token_types",
    "tenant",
    "user_claim",
    "user_prefix",
    "groups_claim",
    "group_prefix",
    "clearance_claim",
    "clearance",
    "clearance_max",
    "skew_seconds",
    "ca_file",
    "alone_in",
];

/// An issuer of users' tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerSettings {
    /// What the configuration calls it.
    pub name: Name,
    /// What its tokens have to claim.
    pub rules: Rules,
    /// How its signatures are made; none else is looked at.
    pub algorithms: BTreeSet<Algorithm>,
    /// `typ` of its tokens, in small letters; tokens without one are taken where `jwt` is.
    pub token_types: BTreeSet<String>,
    /// Where its keys are.
    pub keys: KeysAt,
    /// Certificates to trust in place of the system's.
    pub ca_file: Option<PathBuf>,
}

/// Where an issuer's keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeysAt {
    /// Where its metadata says (OpenID Connect Discovery 1.0).
    Discovery(Url),
    /// At this address.
    Url(Url),
    /// A secret that it shares with this workspace.
    Secret(KeyPlace),
}

/// Reads the table `identity`; nobody's tokens are taken without it.
pub fn parse(root: &Section<'_>, tenant: Option<&Tenant>) -> Vec<IssuerSettings> {
    let Some(table) = root.section("identity") else { return Vec::new() };
    let mut issuers: Vec<IssuerSettings> = Vec::new();
    for key in table.keys() {
        let Some(fields) = table.section(key) else { continue };
        fields.only(&KEYS);
        let Some(issuer) = issuer(&table, key, &fields, tenant) else { continue };
        if issuers.iter().any(|other| other.rules.issuer == issuer.rules.issuer) {
            let help = "a token names its issuer, so there can be one table for each";
            fields.mistake("issuer", "two tables have this issuer", help);
        }
        issuers.push(issuer);
    }
    issuers
}

fn issuer(
    table: &Section<'_>,
    key: &str,
    fields: &Section<'_>,
    tenant: Option<&Tenant>,
) -> Option<IssuerSettings> {
    let name: Option<Name> = match key.parse() {
        Ok(name) => Some(name),
        Err(error) => {
            table.mistake(key, format!("{error}"), "");
            None
        }
    };
    let said = |key: &str| fields.keys().contains(&key);
    let text = |key: &str, otherwise: &str| fields.text(key).unwrap_or(otherwise).to_owned();
    let address = fields.required("issuer");
    for key in ["audiences", "algorithms"].into_iter().filter(|key| !said(key)) {
        fields.mistake(key, format!("`{key}` is missing"), "");
    }
    let audiences: Option<Vec<String>> = fields.list("audiences");
    let algorithms: Option<Vec<Algorithm>> = fields.list("algorithms");
    let types: Option<Vec<String>> = match said("token_types") {
        true => fields.list("token_types"),
        false => Some(vec!["JWT".to_owned(), "at+jwt".to_owned()]),
    };
    let keys = keys(fields, address);
    let label = |key: &str, otherwise: Label| match said(key) {
        true => fields.parsed::<Label>(key),
        false => Some(otherwise),
    };
    let (clearance, most) =
        (label("clearance", Label::Internal), label("clearance_max", Label::Restricted));
    let skew = match said("skew_seconds") {
        true => fields.number("skew_seconds", 0..=TOKEN_SKEW_SECONDS_MAX),
        false => Some(60),
    };
    let alone_in: Option<Vec<Name>> = match said("alone_in") {
        true => fields.list("alone_in"),
        false => Some(Vec::new()),
    };
    let own_tenant: Option<Tenant> = match said("tenant") {
        true => fields.parsed("tenant"),
        false => tenant.cloned(),
    };
    let (algorithms, audiences) = (algorithms?, audiences?);
    check(fields, &algorithms, &audiences, keys.as_ref());
    Some(IssuerSettings {
        name: name?,
        rules: Rules {
            issuer: address?.to_owned(),
            audiences: audiences.into_iter().collect(),
            tenant: own_tenant?,
            user_claim: text("user_claim", "sub"),
            user_prefix: text("user_prefix", ""),
            groups_claim: fields.text("groups_claim").map(str::to_owned),
            group_prefix: text("group_prefix", ""),
            clearance_claim: fields.text("clearance_claim").map(str::to_owned),
            clearance: clearance?,
            clearance_max: most?,
            skew_ms: i64::try_from(skew?.saturating_mul(1_000)).ok()?,
            alone_in: alone_in?.into_iter().collect(),
        },
        algorithms: algorithms.into_iter().collect(),
        token_types: types?.iter().map(|one| one.to_ascii_lowercase()).collect(),
        keys: keys?,
        ca_file: fields.text("ca_file").map(PathBuf::from),
    })
}

/// Where the keys are: what is not said is found out.
fn keys(fields: &Section<'_>, issuer: Option<&str>) -> Option<KeysAt> {
    let secret = embedders::key(fields, ["secret_env", "secret_file"]);
    match (secret, fields.text("jwks_url")) {
        (KeyPlace::None, Some(text)) => embedders::url(fields, "jwks_url", text).map(KeysAt::Url),
        (KeyPlace::None, None) => {
            let url = embedders::url(fields, "issuer", issuer?)?;
            Some(KeysAt::Discovery(url))
        }
        (place, None) => Some(KeysAt::Secret(place)),
        (_, Some(_)) => {
            let help = "a token that either of them verifies could be made with the public one";
            fields.mistake("jwks_url", "there are keys and a secret", help);
            None
        }
    }
}

/// Public keys and secrets are never taken for one another (RFC 8725 §2.1).
fn check(
    fields: &Section<'_>,
    algorithms: &[Algorithm],
    audiences: &[String],
    keys: Option<&KeysAt>,
) {
    if algorithms.is_empty() {
        fields.mistake("algorithms", "there is none", "name those that the issuer signs with");
    }
    if audiences.is_empty() {
        fields.mistake(
            "audiences",
            "there is none",
            "name what its tokens for Alnage say in `aud`",
        );
    }
    let Some(keys) = keys else { return };
    let is_secret = matches!(keys, KeysAt::Secret(_));
    if algorithms.iter().any(|algorithm| algorithm.is_symmetric() != is_secret) {
        let help = match is_secret {
            true => "with a secret: HS256, HS384 or HS512",
            false => "HS256, HS384 and HS512 need `secret_env` or `secret_file`",
        };
        fields.mistake("algorithms", "they do not fit where the keys are", help);
    }
}

#[cfg(test)]
mod tests {
    use super::{Algorithm, IssuerSettings, KeysAt, parse};
    use crate::domain::toml_file::{Mistakes, TomlFile};

    fn read(text: &str) -> Result<Vec<IssuerSettings>, Mistakes> {
        let file = TomlFile::parse("alnage.toml", text);
        let issuers = parse(&file.root(), Some(&"main".parse().unwrap()));
        file.finish(Some(issuers))
    }

    const STAFF: &str = "[identity.staff]\nissuer = \"https://login.example.com\"\n\
                         audiences = [\"alnage\"]\nalgorithms = [\"RS256\"]\n";

    #[test]
    fn an_issuer_needs_little_and_its_keys_are_found_by_discovery() {
        let issuers = read(STAFF).unwrap();
        let [staff] = issuers.as_slice() else { panic!("one issuer") };
        assert!(
            matches!(&staff.keys, KeysAt::Discovery(url) if url.as_str() == "https://login.example.com/")
        );
        assert_eq!(
            (staff.rules.user_claim.as_str(), staff.rules.groups_claim.as_deref()),
            ("sub", None)
        );
        assert_eq!(staff.rules.issuer, "https://login.example.com");
        assert!(staff.algorithms.contains(&Algorithm::Rs256) && staff.token_types.contains("jwt"));
        assert!(read("").unwrap().is_empty());
    }

    #[test]
    fn none_is_no_algorithm_and_secrets_and_public_keys_do_not_mix() {
        for (wrong, line) in [
            (STAFF.replace("RS256", "none"), 4),
            (STAFF.replace("RS256", "HS256"), 4),
            (STAFF.replace("[\"RS256\"]", "[]"), 4),
            (STAFF.replace("[\"alnage\"]", "[]"), 3),
            (format!("{STAFF}secret_env = \"S\"\n"), 4),
            (format!("{STAFF}secret_env = \"S\"\njwks_url = \"https://a.example/keys\"\n"), 6),
            (STAFF.replace("https://login", "http://login"), 2),
            (format!("{STAFF}scopes = []\n"), 5),
            (format!("{STAFF}{}", STAFF.replace("staff", "more")), 6),
        ] {
            let lines: Vec<usize> =
                read(&wrong).unwrap_err().0.iter().map(|one| one.line).collect();
            assert!(lines.contains(&line), "{wrong}: {lines:?}");
        }
    }

    #[test]
    fn a_secret_signs_with_hmac_alone() {
        let text = "[identity.app]\nissuer = \"our-app\"\naudiences = [\"alnage\"]\n\
                    algorithms = [\"HS256\"]\nsecret_file = \"keys/app\"\n";
        let issuers = read(text).unwrap();
        assert!(matches!(issuers[0].keys, KeysAt::Secret(_)));
    }
}
