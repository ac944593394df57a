//! Keys that begin with the name of who gave them, so that they are found again when they leak.

use super::doubt::{is_placeholder, is_random};
use super::{token, value};
use crate::detect::model::stands_alone;
use crate::detect::values::{Value, before_char, run_of};
use crate::domain::sensitive::Sensitive;

/// What a kind of key looks like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prefix {
    pub(super) text: &'static str,
    /// Bytes behind the prefix.
    least: usize,
    most: usize,
    letters: Letters,
    check: Option<fn(&str) -> bool>,
    note: &'static str,
}

/// What a key is written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Letters {
    Base32,
    Hex,
    Base62,
    /// Base64 for addresses, with dots between parts.
    Url,
    Base64,
}

impl Letters {
    const fn has(self, byte: u8) -> bool {
        match self {
            Self::Base32 => matches!(byte, b'A'..=b'Z' | b'2'..=b'7'),
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::Base62 => byte.is_ascii_alphanumeric(),
            Self::Url => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'),
            Self::Base64 => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='),
        }
    }
}

const fn prefix(
    text: &'static str,
    (least, most): (usize, usize),
    letters: Letters,
    note: &'static str,
) -> Prefix {
    Prefix { text, least, most, letters, check: None, note }
}

const fn checked(prefix: Prefix, check: fn(&str) -> bool) -> Prefix {
    Prefix { check: Some(check), ..prefix }
}

use Letters::{Base32, Base62, Base64, Hex, Url};

/// Longest key behind a prefix.
const BODY_BYTES_MAX: usize = 400;

const AWS: &str = "an AWS access key id";
const GITHUB: &str = "a GitHub token";
const GITLAB: &str = "a GitLab token";
const SLACK: &str = "a Slack token";
const OPENAI: &str = "an OpenAI key";
const ATLASSIAN: &str = "an Atlassian token";

/// By giver. Lengths are those that givers document or have kept for years, with room where they vary.
pub(super) static PREFIXES: &[Prefix] = &[
    prefix("AKIA", (16, 16), Base32, AWS),
    prefix("ASIA", (16, 16), Base32, AWS),
    prefix("ABIA", (16, 16), Base32, AWS),
    prefix("ACCA", (16, 16), Base32, AWS),
    prefix("AIza", (35, 35), Url, "a Google API key"),
    prefix("GOCSPX-", (28, 28), Url, "a Google client secret"),
    prefix("ya29.", (20, BODY_BYTES_MAX), Url, "a Google access token"),
    checked(prefix("ghp_", (36, 36), Base62, GITHUB), token::has_github_checksum),
    checked(prefix("gho_", (36, 36), Base62, GITHUB), token::has_github_checksum),
    checked(prefix("ghu_", (36, 36), Base62, GITHUB), token::has_github_checksum),
    checked(prefix("ghs_", (36, 36), Base62, GITHUB), token::has_github_checksum),
    checked(prefix("ghr_", (36, 76), Base62, GITHUB), token::has_github_checksum),
    prefix("github_pat_", (82, 82), Url, GITHUB),
    prefix("glpat-", (20, 60), Url, GITLAB),
    prefix("gldt-", (20, 60), Url, GITLAB),
    prefix("glrt-", (20, 60), Url, GITLAB),
    prefix("glptt-", (40, 60), Url, GITLAB),
    prefix("glcbt-", (20, 60), Url, GITLAB),
    prefix("xoxb-", (24, 120), Url, SLACK),
    prefix("xoxp-", (24, 120), Url, SLACK),
    prefix("xoxa-", (24, 120), Url, SLACK),
    prefix("xoxr-", (24, 120), Url, SLACK),
    prefix("xoxs-", (24, 120), Url, SLACK),
    prefix("xoxe-", (24, 200), Url, SLACK),
    prefix("xoxe.", (24, 200), Url, SLACK),
    prefix("xapp-", (24, 200), Url, SLACK),
    prefix("hooks.slack.com/services/T", (30, 80), Base64, "a Slack webhook"),
    prefix("sk_live_", (24, 120), Base62, "a Stripe secret key"),
    prefix("rk_live_", (24, 120), Base62, "a Stripe restricted key"),
    prefix("whsec_", (32, 64), Base64, "a webhook's signing secret"),
    prefix("sk-ant-", (32, 200), Url, "an Anthropic key"),
    prefix("sk-proj-", (40, 250), Url, OPENAI),
    prefix("sk-svcacct-", (40, 250), Url, OPENAI),
    prefix("sk-admin-", (40, 250), Url, OPENAI),
    prefix("sk-or-v1-", (64, 64), Hex, "an OpenRouter key"),
    prefix("sk-", (32, 64), Base62, "a key of a model service"),
    prefix("gsk_", (48, 60), Base62, "a Groq key"),
    prefix("xai-", (70, 90), Base62, "an xAI key"),
    prefix("nvapi-", (60, 70), Url, "an NVIDIA key"),
    prefix("pplx-", (40, 60), Base62, "a Perplexity key"),
    prefix("r8_", (37, 40), Base62, "a Replicate token"),
    prefix("hf_", (34, 40), Base62, "a Hugging Face token"),
    prefix("npm_", (36, 36), Base62, "an npm token"),
    prefix("pypi-AgE", (80, 300), Url, "a PyPI token"),
    prefix("rubygems_", (48, 48), Hex, "a RubyGems key"),
    prefix("dckr_pat_", (27, 40), Url, "a Docker token"),
    prefix("SG.", (66, 66), Url, "a SendGrid key"),
    prefix("key-", (32, 32), Hex, "a Mailgun key"),
    prefix("dop_v1_", (64, 64), Hex, "a DigitalOcean token"),
    prefix("doo_v1_", (64, 64), Hex, "a DigitalOcean token"),
    prefix("dor_v1_", (64, 64), Hex, "a DigitalOcean token"),
    prefix("shpat_", (32, 32), Hex, "a Shopify token"),
    prefix("shpss_", (32, 32), Hex, "a Shopify secret"),
    prefix("sq0csp-", (43, 43), Url, "a Square secret"),
    prefix("ATATT3", (60, 250), Url, ATLASSIAN),
    prefix("ATCTT3", (60, 250), Url, ATLASSIAN),
    prefix("dapi", (32, 34), Hex, "a Databricks token"),
    prefix("hvs.", (24, 200), Url, "a Vault token"),
    prefix("hvb.", (24, 250), Url, "a Vault token"),
    prefix("glsa_", (41, 41), Url, "a Grafana token"),
    prefix("NRAK-", (27, 27), Base62, "a New Relic key"),
    prefix("PMAK-", (59, 59), Url, "a Postman key"),
    prefix("lin_api_", (40, 40), Base62, "a Linear key"),
    prefix("figd_", (40, 60), Url, "a Figma token"),
    prefix("sntrys_", (60, 250), Base64, "a Sentry token"),
    prefix("pscale_tkn_", (40, 50), Url, "a PlanetScale token"),
    prefix("AGE-SECRET-KEY-1", (58, 58), Base62, "an age secret key"),
];

impl Prefix {
    /// The key that begins here, where it is one.
    pub(super) fn value(&self, text: &str, start: usize) -> Option<Value> {
        let body_start = start + self.text.len();
        if text.get(start..body_start)? != self.text || !is_border(text, start) {
            return None;
        }
        let end = run_of(text, body_start, self.most + 1, |byte| self.letters.has(byte));
        let body = text.get(body_start..end)?;
        // A full stop or dash at the end is the sentence's.
        let body = if self.letters == Url { body.trim_end_matches(['.', '-']) } else { body };
        let fits = (self.least..=self.most).contains(&body.len());
        let is_cut = text
            .as_bytes()
            .get(body_start + body.len())
            .is_some_and(|next| next.is_ascii_alphanumeric() || *next == b'_');
        if !fits || is_cut || is_placeholder(body) || !is_random(body) || !has_digit(body) {
            return None;
        }
        if self.check.is_some_and(|check| !check(body)) {
            return None;
        }
        let kind = Sensitive::AccessKey;
        Some(value(start..body_start + body.len(), kind, 95, self.note))
    }
}

/// Some keys are drawn without one, but few, and words have none.
fn has_digit(body: &str) -> bool {
    body.bytes().any(|byte| byte.is_ascii_digit())
}

/// Whether a key may begin here: not inside a word, and not inside another run of its letters.
pub(super) fn is_border(text: &str, at: usize) -> bool {
    match before_char(text, at) {
        None => true,
        // The line end of a string in code.
        Some('n' | 'r' | 't') => at >= 2 && text.as_bytes().get(at - 2) == Some(&b'\\'),
        Some(ch) => stands_alone(ch) || !(ch.is_alphanumeric() || matches!(ch, '_' | '-' | '.')),
    }
}
