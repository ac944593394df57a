//! A profile of `policies/` → `Policy`, every mistake at once.

use crate::domain::digest::Digest;
use crate::domain::document::Alternate;
use crate::domain::finding::Severity;
use crate::domain::policy::{NEVER_CALIBRATED, Overrides, Policy, Row, Verdict};
use crate::domain::sensitive::Sensitive;
use crate::domain::source::TrustTier;

use crate::domain::toml_file::{Mistakes, Section, TomlFile};

/// The profiles that are shipped, by name: a workspace begins with a copy of each.
pub const SHIPPED: [(&str, &str); 2] = [
    ("default", include_str!("../../policies/default.toml")),
    ("strict", include_str!("../../policies/strict.toml")),
];

const VERDICTS: [(&str, Verdict); 4] = [
    ("admit", Verdict::Admit),
    ("redact", Verdict::Redact),
    ("quarantine", Verdict::Quarantine),
    ("reject", Verdict::Reject),
];

/// Reads a profile. `rules` are the ids that detectors and readers have; an override of any other is
/// a mistake.
pub fn parse(file: &str, text: &str, rules: &[&str]) -> Result<Policy, Mistakes> {
    let toml = TomlFile::parse(file, text);
    let root = toml.root();
    root.only(&["id", "confidence_min", "verdicts", "rules", "kinds", "index", "calibrated"]);
    let policy = policy(&root, text, rules);
    toml.finish(policy)
}

fn policy(root: &Section<'_>, text: &str, known: &[&str]) -> Option<Policy> {
    let id = root.required("id");
    let confidence = root.number("confidence_min", 0..=100);
    let tiers = tiers(root);
    let rules = root.section("rules").map(|section| {
        section.only(known);
        let own = |rule: &&str| Some(((*rule).to_owned(), overrides(&section, rule)?));
        section.keys().iter().filter_map(own).collect()
    });
    let kinds = root.section("kinds").map(|section| {
        section.only(&Sensitive::ALL.map(Sensitive::name));
        let own = |kind: Sensitive| Some((kind, overrides(&section, kind.name())?));
        let named = |kind: &Sensitive| section.keys().contains(&kind.name());
        Sensitive::ALL.into_iter().filter(named).filter_map(own).collect()
    });
    let calibrated = root.section("calibrated").map(|section| {
        let open = |rule: &&str| !NEVER_CALIBRATED.contains(rule);
        section.only(&known.iter().copied().filter(open).collect::<Vec<_>>());
        let own = |rule: &&str| Some(((*rule).to_owned(), overrides(&section, rule)?));
        section.keys().iter().filter_map(own).collect()
    });
    let index = root.section("index");
    let alternates = index.as_ref().and_then(|index| {
        index.only(&["alternates", "undetermined"]);
        index.section("alternates")
    });
    let alternates = alternates.map_or_else(Default::default, |section| {
        section.only(&TrustTier::ALL.map(TrustTier::name));
        let of = |tier: TrustTier| {
            let kinds = section.list::<AlternateName>(tier.name()).unwrap_or_default();
            kinds.into_iter().map(move |kind| (tier, kind.0)).collect::<Vec<_>>()
        };
        TrustTier::ALL.into_iter().flat_map(of).collect()
    });
    let undetermined: Vec<TrustTier> =
        index.as_ref().and_then(|index| index.list("undetermined")).unwrap_or_default();
    if let Some(index) = &index
        && undetermined.contains(&TrustTier::External)
    {
        let help = "what could not be measured is never indexed from outside";
        index.mistake("undetermined", "`undetermined` cannot hold `external`", help);
    }
    Some(Policy {
        id: id?.to_owned(),
        digest: Digest::of(text.as_bytes()),
        tiers: tiers?,
        rules: rules.unwrap_or_default(),
        kinds: kinds.unwrap_or_default(),
        calibrated: calibrated.unwrap_or_default(),
        confidence_min: u8::try_from(confidence.unwrap_or(0)).ok()?,
        alternates,
        undetermined: undetermined.into_iter().collect(),
    })
}

/// `rule = "verdict"` for every tier, or `rule = { internal = "verdict" }` for some.
fn overrides(section: &Section<'_>, rule: &str) -> Option<Overrides> {
    if !section.is_table(rule) {
        return Some([Some(section.one_of(rule, &VERDICTS)?); TrustTier::ALL.len()]);
    }
    let tiers = section.section(rule)?;
    tiers.only(&TrustTier::ALL.map(TrustTier::name));
    Some(TrustTier::ALL.map(|tier| tiers.one_of(tier.name(), &VERDICTS)))
}

fn tiers(root: &Section<'_>) -> Option<[Row; TrustTier::ALL.len()]> {
    let Some(verdicts) = root.section("verdicts") else {
        root.mistake("verdicts", "the table `verdicts` is missing", "see the shipped profiles");
        return None;
    };
    verdicts.only(&TrustTier::ALL.map(TrustTier::name));
    let [trusted, internal, external] = TrustTier::ALL.map(|tier| row(&verdicts, tier));
    Some([trusted?, internal?, external?])
}

fn row(verdicts: &Section<'_>, tier: TrustTier) -> Option<Row> {
    let Some(section) = verdicts.section(tier.name()) else {
        verdicts.mistake(tier.name(), format!("`verdicts.{}` is missing", tier.name()), "");
        return None;
    };
    section.only(&Severity::ALL.map(Severity::name));
    let [info, low, medium, high, critical] = Severity::ALL.map(|severity| {
        section.required(severity.name())?;
        section.one_of(severity.name(), &VERDICTS)
    });
    let row = [info?, low?, medium?, high?, critical?];
    if !row.is_sorted() {
        let help = "a worse severity cannot call for a milder verdict";
        section.mistake("info", format!("verdicts of `{}` fall somewhere", tier.name()), help);
    }
    Some(row)
}

struct AlternateName(Alternate);

impl std::str::FromStr for AlternateName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Alternate::ALL.into_iter().find(|kind| kind.name() == text).map(Self).ok_or_else(|| {
            let names = Alternate::ALL.map(Alternate::name).join(", ");
            format!(
                "`{}` is no kind of alternate text; use one of: {names}",
                crate::domain::finding::draw_safely(text)
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{SHIPPED, parse};
    use crate::domain::document::{Hiding, Visibility};
    use crate::domain::policy::Verdict;
    use crate::domain::source::TrustTier;

    const RULES: &[&str] = &[
        "detector-failed",
        "document-unsupported",
        "keyword-stuffing",
        "near-duplicate-flood",
        "personal-data",
        "query-echo",
        "secret",
    ];

    #[test]
    fn shipped_profiles_hold_a_failed_detector_and_never_index_hidden_text() {
        for (name, text) in SHIPPED {
            let policy = parse(name, text, RULES).unwrap();
            assert_eq!(policy.rules.get("detector-failed"), Some(&[Some(Verdict::Quarantine); 3]));
            let hidden = Visibility::Hidden(Hiding::LowContrast);
            assert!(TrustTier::ALL.iter().all(|tier| !policy.indexes(hidden, *tier)));
        }
    }

    #[test]
    fn all_mistakes_are_reported_at_once_with_their_lines() {
        let text = SHIPPED[0].1.replacen("id = \"default\"", "id = 3\nidd = \"x\"", 1).replacen(
            "high = \"quarantine\"",
            "high = \"quarantaine\"",
            1,
        );
        let mistakes = parse("p.toml", &text, RULES).unwrap_err().to_string();
        assert_eq!(mistakes.lines().count(), 3, "{mistakes}");
        assert!(mistakes.contains("it must be a string"), "{mistakes}");
        assert!(mistakes.contains("`idd` is no key here"), "{mistakes}");
        assert!(mistakes.contains("use one of: admit, redact, quarantine, reject"), "{mistakes}");
    }

    #[test]
    fn a_profile_that_gets_milder_as_severity_rises_is_refused() {
        let text = SHIPPED[0].1.replacen("critical = \"quarantine\"", "critical = \"admit\"", 1);
        assert!(parse("p.toml", &text, RULES).unwrap_err().to_string().contains("milder"));
    }
}
