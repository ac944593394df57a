//! What a verified token claims → who its user is. Signatures are checked before this; here every claim is
//! held against what the issuer is configured to say, and none is believed beyond it (RFC 8725 §3.8 to 3.12).

use std::collections::BTreeSet;
use std::str::FromStr;

use serde_json::{Map, Value};

use super::access::{Label, Principal};
use super::limits::{TOKEN_GROUPS_MAX, TOKEN_LIFETIME_MS_MAX};
use super::source::{Name, Tenant};
use super::time::Timestamp;

/// How a token is signed (RFC 7518 §3.1). `none` is no way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Algorithm {
    /// RSA PKCS #1 v1.5 with SHA-256.
    Rs256,
    /// With SHA-384.
    Rs384,
    /// With SHA-512.
    Rs512,
    /// RSA-PSS with SHA-256.
    Ps256,
    /// With SHA-384.
    Ps384,
    /// With SHA-512.
    Ps512,
    /// ECDSA over P-256 with SHA-256.
    Es256,
    /// ECDSA over P-384 with SHA-384.
    Es384,
    /// Ed25519.
    EdDsa,
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
}

impl Algorithm {
    const NAMES: [(&'static str, Self); 12] = [
        ("RS256", Self::Rs256),
        ("RS384", Self::Rs384),
        ("RS512", Self::Rs512),
        ("PS256", Self::Ps256),
        ("PS384", Self::Ps384),
        ("PS512", Self::Ps512),
        ("ES256", Self::Es256),
        ("ES384", Self::Es384),
        ("EdDSA", Self::EdDsa),
        ("HS256", Self::Hs256),
        ("HS384", Self::Hs384),
        ("HS512", Self::Hs512),
    ];

    /// Whether whoever can verify can also sign.
    pub const fn is_symmetric(self) -> bool {
        matches!(self, Self::Hs256 | Self::Hs384 | Self::Hs512)
    }
}

impl FromStr for Algorithm {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::NAMES.into_iter().find(|(name, _)| *name == text);
        found.map(|(_, algorithm)| algorithm).ok_or_else(|| {
            let names = Self::NAMES.map(|(name, _)| name).join(", ");
            format!("`{}` is not taken; use some of {names}", super::finding::draw_safely(text))
        })
    }
}

/// What the tokens of an issuer have to be, and which of their claims say what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// `iss`, letter for letter.
    pub issuer: String,
    /// One of them must be in `aud`.
    pub audiences: BTreeSet<String>,
    /// Whose its users are.
    pub tenant: Tenant,
    /// The claim that names the user.
    pub user_claim: String,
    /// Stands before the user's name, so that two issuers do not name one person.
    pub user_prefix: String,
    /// The claim with the user's groups; `None`: the token says nothing of groups.
    pub groups_claim: Option<String>,
    /// Stands before the name of each group.
    pub group_prefix: String,
    /// The claim with the user's clearance; `None`: the token says nothing of it.
    pub clearance_claim: Option<String>,
    /// The clearance where the token says none.
    pub clearance: Label,
    /// The highest clearance that a token can give.
    pub clearance_max: Label,
    /// How far the issuer's clock may be off, in milliseconds.
    pub skew_ms: i64,
    /// Collections in which its users may ask without an application.
    pub alone_in: BTreeSet<Name>,
}

/// A user as a verified token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asserted {
    /// The user's name, as on access lists after `user:`.
    pub user: String,
    /// Whose the user is.
    pub tenant: Tenant,
    /// The user's groups; `None`: the token does not say.
    pub groups: Option<BTreeSet<Principal>>,
    /// The highest label that the user may read, as far as the token goes.
    pub clearance: Label,
    /// When the token was made, where it says so.
    pub issued_at: Option<Timestamp>,
    /// From when on it is nobody's.
    pub expires_at: Timestamp,
    /// Collections in which the user may ask without an application.
    pub alone_in: BTreeSet<Name>,
}

/// Why a token with a sound signature is nobody's. For the operator's log: a client learns only that it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsError {
    /// Another issuer's.
    #[error("`iss` is not the issuer's")]
    Issuer,
    /// For somebody else.
    #[error("`aud` names none of the configured audiences")]
    Audience,
    /// A claim that has to be there.
    #[error("`{claim}` is missing or of the wrong form")]
    Form {
        /// Which.
        claim: String,
    },
    /// Past its end.
    #[error("the token has expired")]
    Expired,
    /// Not valid yet, or made in the future.
    #[error("the token is not valid yet")]
    NotYet,
    /// Valid for longer than any token is.
    #[error("the token is valid for longer than a year")]
    TooLong,
    /// No name that an access list could hold.
    #[error("`{claim}` holds a name that cannot be a principal")]
    Name {
        /// In which claim.
        claim: String,
    },
    /// More groups than are read; reading a part would miss a denied one.
    #[error("the token names more than {TOKEN_GROUPS_MAX} groups")]
    TooManyGroups,
}

impl Rules {
    /// The user of a token with these claims, whose signature was verified.
    pub fn user(
        &self,
        claims: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<Asserted, ClaimsError> {
        if claims.get("iss").and_then(Value::as_str) != Some(self.issuer.as_str()) {
            return Err(ClaimsError::Issuer);
        }
        if !strings(claims.get("aud")).is_some_and(|audiences| {
            audiences.iter().any(|audience| self.audiences.contains(*audience))
        }) {
            return Err(ClaimsError::Audience);
        }
        let (issued_at, expires_at) = self.times(claims, now)?;
        Ok(Asserted {
            user: self.name(claims)?,
            tenant: self.tenant.clone(),
            groups: self.groups(claims)?,
            clearance: self.clearance(claims)?,
            issued_at,
            expires_at,
            alone_in: self.alone_in.clone(),
        })
    }

    fn times(
        &self,
        claims: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<(Option<Timestamp>, Timestamp), ClaimsError> {
        let expires_at = moment(claims, "exp")?.ok_or_else(|| form("exp"))?;
        let (not_before, issued_at) = (moment(claims, "nbf")?, moment(claims, "iat")?);
        if now.0 >= expires_at.0.saturating_add(self.skew_ms) {
            return Err(ClaimsError::Expired);
        }
        let begins = not_before.max(issued_at).map_or(i64::MIN, |begin| begin.0);
        if begins.saturating_sub(self.skew_ms) > now.0 {
            return Err(ClaimsError::NotYet);
        }
        let made = issued_at.unwrap_or(now);
        if expires_at.0.saturating_sub(made.0) > TOKEN_LIFETIME_MS_MAX {
            return Err(ClaimsError::TooLong);
        }
        Ok((issued_at, expires_at))
    }

    fn name(&self, claims: &Map<String, Value>) -> Result<String, ClaimsError> {
        let claim = self.user_claim.as_str();
        let name = said(claims, claim).and_then(Value::as_str).ok_or_else(|| form(claim))?;
        if name.is_empty() {
            return Err(form(claim));
        }
        let name = format!("{}{name}", self.user_prefix);
        match format!("user:{name}").parse::<Principal>() {
            Ok(_) => Ok(name),
            Err(_) => Err(ClaimsError::Name { claim: claim.to_owned() }),
        }
    }

    /// The groups that the token names; a claim that is not there names none.
    fn groups(
        &self,
        claims: &Map<String, Value>,
    ) -> Result<Option<BTreeSet<Principal>>, ClaimsError> {
        let Some(claim) = self.groups_claim.as_deref() else { return Ok(None) };
        if is_elsewhere(claims, claim) {
            return Err(ClaimsError::TooManyGroups);
        }
        let names = match said(claims, claim) {
            None | Some(Value::Null) => Vec::new(),
            Some(value) => strings(Some(value)).ok_or_else(|| form(claim))?,
        };
        if names.len() > TOKEN_GROUPS_MAX {
            return Err(ClaimsError::TooManyGroups);
        }
        let group = |name: &&str| format!("group:{}{name}", self.group_prefix).parse();
        let groups: Result<BTreeSet<Principal>, _> = names.iter().map(group).collect();
        groups.map(Some).map_err(|_| ClaimsError::Name { claim: claim.to_owned() })
    }

    fn clearance(&self, claims: &Map<String, Value>) -> Result<Label, ClaimsError> {
        let clearance =
            self.clearance_claim.as_deref().and_then(|name| Some((name, said(claims, name)?)));
        let Some((claim, value)) = clearance else {
            return Ok(self.clearance.min(self.clearance_max));
        };
        let label = value.as_str().and_then(|text| text.parse::<Label>().ok());
        Ok(label.ok_or_else(|| form(claim))?.min(self.clearance_max))
    }
}

/// A claim by its name, or by a JSON Pointer (RFC 6901) where it lies inside another: `/realm_access/roles`.
fn said<'c>(claims: &'c Map<String, Value>, claim: &str) -> Option<&'c Value> {
    let (outer, rest) = outermost(claim);
    claims.get(&outer)?.pointer(&rest)
}

/// The claim that another is inside of, and the pointer from there.
fn outermost(claim: &str) -> (String, String) {
    let Some(path) = claim.strip_prefix('/') else { return (claim.to_owned(), String::new()) };
    let (first, rest) = path.split_at(path.find('/').unwrap_or(path.len()));
    (first.replace("~1", "/").replace("~0", "~"), rest.to_owned())
}

fn form(claim: &str) -> ClaimsError {
    ClaimsError::Form { claim: claim.to_owned() }
}

/// Whether a provider says that the groups were too many for the token (as Microsoft Entra does past 200): to
/// take them for none would pass over what is denied to one of them.
fn is_elsewhere(claims: &Map<String, Value>, claim: &str) -> bool {
    let (outer, _) = outermost(claim);
    let named = claims.get("_claim_names").is_some_and(|names| names.get(&outer).is_some());
    named || claims.get("hasgroups").is_some_and(|has| *has != Value::Bool(false))
}

/// A string, or a list of strings and of nothing else.
fn strings(value: Option<&Value>) -> Option<Vec<&str>> {
    match value? {
        Value::String(one) => Some(vec![one]),
        Value::Array(all) => all.iter().map(Value::as_str).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    }
}

/// A time in seconds since 1970, whole or not (RFC 7519 §2).
fn moment(claims: &Map<String, Value>, claim: &str) -> Result<Option<Timestamp>, ClaimsError> {
    /// The year 9999, in seconds.
    const SECONDS_MAX: f64 = 253_402_300_799.0;
    let Some(value) = claims.get(claim) else { return Ok(None) };
    let seconds = value.as_f64().filter(|seconds| (0.0..=SECONDS_MAX).contains(seconds));
    let seconds = seconds.ok_or_else(|| form(claim))?;
    #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
    let milliseconds = (seconds * 1_000.0) as i64;
    Ok(Some(Timestamp(milliseconds)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{ClaimsError, Rules};
    use crate::domain::access::Label;
    use crate::domain::limits::TOKEN_GROUPS_MAX;
    use crate::domain::time::Timestamp;

    const NOW: i64 = 1_800_000_000;

    fn rules() -> Rules {
        Rules {
            issuer: "https://login.example.com".to_owned(),
            audiences: ["alnage".to_owned()].into(),
            tenant: "main".parse().unwrap(),
            user_claim: "sub".to_owned(),
            user_prefix: String::new(),
            groups_claim: Some("groups".to_owned()),
            group_prefix: String::new(),
            clearance_claim: Some("clearance".to_owned()),
            clearance: Label::Internal,
            clearance_max: Label::Confidential,
            skew_ms: 60_000,
            alone_in: [].into(),
        }
    }

    fn claims(more: &Value) -> Map<String, Value> {
        let mut claims = json!({
            "iss": "https://login.example.com", "aud": "alnage", "sub": "mara",
            "exp": NOW + 300, "iat": NOW - 5, "groups": ["people"],
        });
        for (name, value) in more.as_object().unwrap() {
            let claims = claims.as_object_mut().unwrap();
            claims.remove(name);
            if !value.is_null() {
                claims.insert(name.clone(), value.clone());
            }
        }
        claims.as_object().unwrap().clone()
    }

    fn user(more: &Value) -> Result<super::Asserted, ClaimsError> {
        rules().user(&claims(more), Timestamp(NOW * 1_000))
    }

    #[test]
    fn a_user_has_the_name_groups_and_clearance_of_the_token() {
        let mara =
            user(&json!({ "clearance": "confidential", "aud": ["other", "alnage"] })).unwrap();
        assert_eq!((mara.user.as_str(), mara.clearance), ("mara", Label::Confidential));
        assert_eq!(mara.groups, Some(["group:people".parse().unwrap()].into()));
        assert_eq!(mara.expires_at, Timestamp((NOW + 300) * 1_000));
        assert_eq!(user(&json!({})).unwrap().clearance, Label::Internal);
        assert_eq!(
            user(&json!({ "clearance": "restricted" })).unwrap().clearance,
            Label::Confidential
        );
    }

    #[test]
    fn groups_that_are_left_out_are_none_and_without_a_claim_nothing_is_said() {
        for none in [json!({ "groups": null }), json!({ "groups": [] })] {
            assert_eq!(user(&none).unwrap().groups, Some([].into()));
        }
        for elsewhere in
            [json!({ "hasgroups": true }), json!({ "_claim_names": { "groups": "src1" } })]
        {
            assert_eq!(user(&elsewhere), Err(ClaimsError::TooManyGroups));
        }
        let silent = Rules { groups_claim: None, ..rules() };
        let said = silent.user(&claims(&json!({})), Timestamp(NOW * 1_000)).unwrap();
        assert_eq!(said.groups, None);
    }

    #[test]
    fn issuer_and_audience_are_the_configured_ones_letter_for_letter() {
        for iss in [
            json!("https://login.example.com/"),
            json!("HTTPS://login.example.com"),
            json!(7),
            json!(null),
        ] {
            assert_eq!(user(&json!({ "iss": iss })), Err(ClaimsError::Issuer));
        }
        for aud in [
            json!("Alnage"),
            json!([]),
            json!(["other"]),
            json!(["alnage", 7]),
            json!({"alnage": 1}),
            json!(null),
        ] {
            assert_eq!(user(&json!({ "aud": aud })), Err(ClaimsError::Audience), "{aud}");
        }
    }

    #[test]
    fn a_token_counts_between_its_times_with_the_clocks_allowance() {
        assert!(user(&json!({ "exp": NOW - 59, "nbf": NOW + 60, "iat": NOW + 60 })).is_ok());
        assert_eq!(user(&json!({ "exp": NOW - 60 })), Err(ClaimsError::Expired));
        assert_eq!(user(&json!({ "nbf": NOW + 61 })), Err(ClaimsError::NotYet));
        assert_eq!(user(&json!({ "iat": NOW + 61 })), Err(ClaimsError::NotYet));
        assert_eq!(user(&json!({ "exp": NOW + 400 * 86_400 })), Err(ClaimsError::TooLong));
        assert!(user(&json!({ "exp": NOW as f64 + 0.5 })).is_ok());
        for exp in [json!(null), json!("soon"), json!(-1), json!(1e300), json!(true)] {
            let error = user(&json!({ "exp": exp }));
            assert_eq!(error, Err(ClaimsError::Form { claim: "exp".to_owned() }), "{exp}");
        }
    }

    #[test]
    fn names_that_no_list_can_hold_and_claims_of_another_form_are_nobodys() {
        for sub in [json!(null), json!(7), json!(""), json!(["mara"])] {
            assert!(matches!(user(&json!({ "sub": sub })), Err(ClaimsError::Form { .. })), "{sub}");
        }
        for sub in [" mara", "a\u{202e}b", &"x".repeat(300)] {
            assert!(matches!(user(&json!({ "sub": sub })), Err(ClaimsError::Name { .. })), "{sub}");
        }
        for groups in [json!(7), json!([7]), json!({"people": true})] {
            assert!(matches!(user(&json!({ "groups": groups })), Err(ClaimsError::Form { .. })));
        }
        assert!(matches!(user(&json!({ "groups": [""] })), Err(ClaimsError::Name { .. })));
        assert!(matches!(user(&json!({ "clearance": "top" })), Err(ClaimsError::Form { .. })));
        let many: Vec<String> = (0..=TOKEN_GROUPS_MAX).map(|group| format!("g{group}")).collect();
        assert_eq!(user(&json!({ "groups": many })), Err(ClaimsError::TooManyGroups));
    }

    #[test]
    fn prefixes_keep_the_users_of_two_issuers_apart() {
        let rules =
            Rules { user_prefix: "okta/".to_owned(), group_prefix: "okta/".to_owned(), ..rules() };
        let mara = rules.user(&claims(&json!({})), Timestamp(NOW * 1_000)).unwrap();
        assert_eq!(mara.user, "okta/mara");
        assert_eq!(mara.groups, Some(["group:okta/people".parse().unwrap()].into()));
    }

    #[test]
    fn a_claim_inside_another_is_named_by_a_pointer() {
        let nested = Rules {
            user_claim: "/person/name".to_owned(),
            groups_claim: Some("/realm_access/roles".to_owned()),
            clearance_claim: Some("/a~1b~0c/label".to_owned()),
            ..rules()
        };
        let inside = json!({
            "person": { "name": "ana" }, "realm_access": { "roles": ["staff"] },
            "a/b~c": { "label": "public" },
        });
        let read = |more: &Value| nested.user(&claims(more), Timestamp(NOW * 1_000));
        let ana = read(&inside).unwrap();
        assert_eq!((ana.user.as_str(), ana.clearance), ("ana", Label::Public));
        assert!(ana.groups.unwrap().contains(&"group:staff".parse().unwrap()));
        // A claim that has the pointer for its name is another claim.
        assert!(read(&json!({ "/person/name": "eve" })).is_err());
        // Groups that were too many are told by the outermost claim.
        let mut elsewhere = inside;
        elsewhere["_claim_names"] = json!({ "realm_access": "src1" });
        assert_eq!(read(&elsewhere), Err(ClaimsError::TooManyGroups));
    }
}
