//! Kinds of secrets and personal data: what a policy names, what a mark says, what a label is made of.
//!
//! Stored with findings; kinds may be added, nothing may be renamed.

use serde::{Deserialize, Serialize};

/// What a value is that must not go out, or not unlabelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sensitive {
    /// The secret half of a key pair.
    PrivateKey,
    /// A key of a cloud or a service.
    AccessKey,
    /// What a session or a caller shows: JWT, bearer token.
    Token,
    /// What a person or a program types to get in.
    Password,
    /// A mail address of a person.
    Mail,
    /// A telephone number.
    Phone,
    /// The number of a bank account.
    Iban,
    /// The number of a payment card.
    Card,
    /// A number that a state gives to a person.
    NationalNumber,
}

/// What a chunk's label says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SensitiveLabel {
    /// There is or was something that opens a door.
    Secret,
    /// There is or was something about a person.
    PersonalData,
}

impl SensitiveLabel {
    /// The name used in payloads and outputs; also the rule of the findings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::PersonalData => "personal-data",
        }
    }
}

/// Texts shorter than this show no character of theirs but the first.
const SHOWN_CHARS_MIN: usize = 8;
/// Keys begin with the name of who gave them, which opens nothing.
const KEY_PREFIX_CHARS: usize = 4;
/// A key shows its beginning only when so much of it stays unsaid.
const KEY_CHARS_MIN: usize = 16;

impl Sensitive {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::PrivateKey,
        Self::AccessKey,
        Self::Token,
        Self::Password,
        Self::Mail,
        Self::Phone,
        Self::Iban,
        Self::Card,
        Self::NationalNumber,
    ];

    /// The name used in policies and outputs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PrivateKey => "private-key",
            Self::AccessKey => "access-key",
            Self::Token => "token",
            Self::Password => "password",
            Self::Mail => "e-mail",
            Self::Phone => "phone",
            Self::Iban => "iban",
            Self::Card => "card",
            Self::NationalNumber => "national-number",
        }
    }

    /// What stands where such a value was taken out.
    pub const fn mark(self) -> &'static str {
        match self {
            Self::PrivateKey => "[private key removed]",
            Self::AccessKey => "[access key removed]",
            Self::Token => "[token removed]",
            Self::Password => "[password removed]",
            Self::Mail => "[e-mail address removed]",
            Self::Phone => "[phone number removed]",
            Self::Iban => "[IBAN removed]",
            Self::Card => "[card number removed]",
            Self::NationalNumber => "[national number removed]",
        }
    }

    /// Under which label it falls.
    pub const fn label(self) -> SensitiveLabel {
        match self {
            Self::PrivateKey | Self::AccessKey | Self::Token | Self::Password => {
                SensitiveLabel::Secret
            }
            Self::Mail | Self::Phone | Self::Iban | Self::Card | Self::NationalNumber => {
                SensitiveLabel::PersonalData
            }
        }
    }

    /// Whether somebody who has a digest of such a value can find the value by trying all.
    pub const fn is_guessable(self) -> bool {
        match self {
            Self::PrivateKey | Self::AccessKey | Self::Token => false,
            Self::Password
            | Self::Mail
            | Self::Phone
            | Self::Iban
            | Self::Card
            | Self::NationalNumber => true,
        }
    }

    /// The value for people who must recognise it and must not learn it: first and last characters, of a
    /// private key nothing.
    pub fn masked(self, value: &str) -> String {
        let count = value.chars().count();
        let (first, last) = match self {
            Self::PrivateKey => return "…".to_owned(),
            Self::AccessKey | Self::Token if count >= KEY_CHARS_MIN => (KEY_PREFIX_CHARS, 2),
            Self::Password => (usize::from(count >= SHOWN_CHARS_MIN), 0),
            Self::AccessKey
            | Self::Token
            | Self::Mail
            | Self::Phone
            | Self::Iban
            | Self::Card
            | Self::NationalNumber => {
                if count >= SHOWN_CHARS_MIN {
                    (2, 2)
                } else {
                    (1, 0)
                }
            }
        };
        let head: String = value.chars().take(first).collect();
        let tail: String = value.chars().skip(count.saturating_sub(last)).collect();
        format!("{head}…{tail}")
    }
}

impl std::str::FromStr for Sensitive {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            let text = super::finding::draw_safely(text);
            format!("`{text}` is no kind of secret or personal data; use one of: {names}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Sensitive;

    #[test]
    fn evidence_shows_ends_alone_and_nothing_of_a_private_key() {
        assert_eq!(Sensitive::Card.masked("4111 1111 1111 1111"), "41…11");
        assert_eq!(Sensitive::Phone.masked("555123"), "5…");
        assert_eq!(Sensitive::Password.masked("geheim"), "…");
        assert_eq!(Sensitive::Password.masked("Überraschung!7"), "Ü…");
        assert_eq!(Sensitive::AccessKey.masked("glpt-0123456789abcdef"), "glpt…ef");
        assert_eq!(Sensitive::PrivateKey.masked("-----BEGIN"), "…");
    }

    #[test]
    fn marks_and_names_tell_kinds_apart() {
        for kind in Sensitive::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
            assert_eq!(Sensitive::ALL.iter().filter(|one| one.mark() == kind.mark()).count(), 1);
        }
        assert!("e-mai\u{1b}l".parse::<Sensitive>().unwrap_err().contains("\\u{1b}"));
    }
}
