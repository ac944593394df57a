//! A profile with milder verdicts for some rules, as a text that differs from the given one only there.

use std::fmt::Write as _;

use crate::domain::policy::{Policy, Verdict};
use crate::domain::source::TrustTier;

const SECTION: &str = "[calibrated]";

const HEAD: &str = "\
# Milder verdicts for what a person sees, below `critical`; hidden text, secrets and failed detectors are
# never milder. Made by `alnage calibrate` on documents that whoever ran it trusts.
";

/// A rule that becomes milder.
#[derive(Debug, Clone)]
pub struct Milder {
    /// Which.
    pub rule: String,
    /// What it calls for.
    pub verdict: Verdict,
    /// Why, on one line; no hostile text in it.
    pub comment: String,
}

/// The text with these rules milder for a tier, besides those that are so already, and under this id.
pub fn text(given: &str, policy: &Policy, id: &str, tier: TrustTier, milder: &[Milder]) -> String {
    let mut text = String::with_capacity(given.len() + HEAD.len());
    let (mut is_at_top, mut is_ours) = (true, false);
    for line in given.lines() {
        if line.starts_with('[') {
            is_at_top = false;
            is_ours = line.starts_with(SECTION) || line.starts_with("[calibrated.");
        }
        if is_ours || HEAD.lines().any(|head| head == line) {
            continue;
        }
        let is_id = is_at_top
            && line.strip_prefix("id").is_some_and(|rest| rest.trim_start().starts_with('='));
        match is_id && id != policy.id {
            true => {
                let _ = writeln!(text, "id = \"{id}\"");
            }
            false => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    if milder.is_empty() && policy.calibrated.is_empty() {
        return text;
    }
    while text.ends_with("\n\n") {
        text.pop();
    }
    let _ = write!(text, "\n{HEAD}{SECTION}\n");
    let new = |rule: &str| milder.iter().find(|one| one.rule == rule);
    let known = policy.calibrated.keys().map(String::as_str);
    let mut rules: Vec<&str> = known.chain(milder.iter().map(|one| one.rule.as_str())).collect();
    rules.sort_unstable();
    rules.dedup();
    for rule in rules {
        let of_tier = |(at, each): (usize, TrustTier)| {
            let before = policy.calibrated.get(rule).and_then(|own| own.get(at).copied().flatten());
            let now = new(rule).filter(|_| each == tier).map(|one| one.verdict);
            now.or(before).map(|verdict| format!("{} = \"{}\"", each.name(), verdict.name()))
        };
        let tiers: Vec<String> =
            TrustTier::ALL.into_iter().enumerate().filter_map(of_tier).collect();
        if let Some(one) = new(rule) {
            let _ = writeln!(text, "# {}", one.comment);
        }
        let _ = writeln!(text, "{rule} = {{ {} }}", tiers.join(", "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Milder, text};
    use crate::config::policy::{SHIPPED, parse};
    use crate::domain::policy::{Policy, Verdict};
    use crate::domain::source::TrustTier;

    const RULES: &[&str] = &[
        "detector-failed",
        "document-unsupported",
        "keyword-stuffing",
        "near-duplicate-flood",
        "personal-data",
        "query-echo",
        "secret",
        "tool-bait",
    ];

    fn milder(rule: &str, verdict: Verdict) -> Milder {
        Milder { rule: rule.to_owned(), verdict, comment: "held 9 of 100".to_owned() }
    }

    fn read(text: &str) -> Policy {
        parse("p.toml", text, RULES).unwrap()
    }

    #[test]
    fn a_profile_differs_only_in_what_is_milder_and_in_its_name() {
        let given = SHIPPED[0].1;
        let policy = read(given);
        let steps = [milder("tool-bait", Verdict::Redact)];
        let made = text(given, &policy, "mine", TrustTier::External, &steps);
        let own = [None, None, Some(Verdict::Redact)];
        let expected = Policy {
            id: "mine".to_owned(),
            digest: read(&made).digest,
            calibrated: [("tool-bait".to_owned(), own)].into(),
            ..policy.clone()
        };
        assert_eq!(read(&made), expected);
        assert!(
            made.contains("# held 9 of 100\ntool-bait = { external = \"redact\" }\n"),
            "{made}"
        );
        assert_eq!(text(given, &policy, "default", TrustTier::External, &[]), given);
        // Again, for another tier: what was milder stays so.
        let steps = [milder("query-echo", Verdict::Admit), milder("tool-bait", Verdict::Admit)];
        let again = text(&made, &read(&made), "mine", TrustTier::Internal, &steps);
        let own = [None, Some(Verdict::Admit), Some(Verdict::Redact)];
        assert_eq!(read(&again).calibrated.get("tool-bait"), Some(&own));
        assert_eq!(again.matches("[calibrated]").count(), 1);
        assert_eq!(again.matches("Made by").count(), 1);
    }

    #[test]
    fn a_profile_cannot_make_milder_what_is_unseen_secret_or_failed() {
        for rule in ["detector-failed", "secret", "personal-data"] {
            let text = format!("{}\n[calibrated]\n{rule} = \"admit\"\n", SHIPPED[0].1);
            let mistakes = parse("p.toml", &text, RULES).unwrap_err().to_string();
            assert!(mistakes.contains("is no key here"), "{mistakes}");
        }
    }
}
