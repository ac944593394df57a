//! What is assigned to a name that says what it is: in code, configuration, JSON, tables of keys and
//! values, and in what people write to each other.

mod judged;

use judged::{Assigned, is_key, is_password};

use super::value;
use crate::detect::values::{Value, after_char, before_char, run_of};
use crate::domain::sensitive::Sensitive;

/// A name of a secret.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name {
    pub(super) text: &'static str,
    kind: Sensitive,
    /// It must begin a word: it also stands inside others.
    alone: bool,
}

const fn password(text: &'static str) -> Name {
    Name { text, kind: Sensitive::Password, alone: false }
}

const fn key(text: &'static str) -> Name {
    Name { text, kind: Sensitive::AccessKey, alone: false }
}

const fn token(text: &'static str) -> Name {
    Name { text, kind: Sensitive::Token, alone: false }
}

const fn alone(name: Name) -> Name {
    Name { alone: true, ..name }
}

/// Letters outside ASCII stand in each case that people write.
pub(super) static NAMES: &[Name] = &[
    password("password"),
    password("passwort"),
    password("kennwort"),
    password("passphrase"),
    password("passwd"),
    password("pwd"),
    password("_pass"),
    alone(password("pass")),
    password("mot de passe"),
    password("contraseña"),
    password("CONTRASEÑA"),
    password("contrasena"),
    alone(password("clave")),
    password("senha"),
    password("palavra-passe"),
    password("wachtwoord"),
    password("hasło"),
    password("HASŁO"),
    password("heslo"),
    password("lösenord"),
    password("LÖSENORD"),
    password("salasana"),
    password("passord"),
    password("adgangskode"),
    password("parola"),
    password("şifre"),
    password("Şifre"),
    password("jelszó"),
    password("mật khẩu"),
    password("Mật khẩu"),
    password("kata sandi"),
    password("пароль"),
    password("Пароль"),
    password("ПАРОЛЬ"),
    password("密码"),
    password("密碼"),
    password("口令"),
    password("パスワード"),
    password("비밀번호"),
    password("كلمة المرور"),
    password("पासवर्ड"),
    key("api_key"),
    key("api-key"),
    key("api key"),
    key("apikey"),
    key("api-schlüssel"),
    key("clé api"),
    key("clave de api"),
    key("chiave api"),
    key("api-sleutel"),
    key("access_key"),
    key("access-key"),
    key("access key"),
    key("accesskey"),
    key("secret_key"),
    key("secret-key"),
    key("secret key"),
    key("secretkey"),
    key("private_key"),
    key("accountkey"),
    key("account_key"),
    key("sharedkey"),
    key("signing_key"),
    key("encryption_key"),
    key("master_key"),
    key("license_key"),
    key("secret"),
    token("token"),
];

/// Between a name and its value: a name's own end, quotation marks, white space.
const TAIL_BYTES_MAX: usize = 24;
const SPACES_MAX: usize = 8;
/// "for the guest network": words between a name and the colon.
const GAP_BYTES_MAX: usize = 40;
const VALUE_BYTES_MAX: usize = 400;

/// Ends of names whose value is about a secret and is none.
const ABOUT: [&str; 34] = [
    "hash", "policy", "length", "len", "min", "max", "expir", "field", "hint", "reset", "url",
    "uri", "file", "path", "name", "_id", "-id", "type", "count", "age", "env", "var", "ttl",
    "limit", "header", "usage", "format", "regex", "salt", "endpoint", "ref", "version", "rotat",
    "arn",
];

impl Name {
    /// The value that is assigned to the name that begins here.
    pub(super) fn value(&self, text: &str, start: usize) -> Option<Value> {
        let is_inside = before_char(text, start).is_some_and(char::is_alphabetic);
        if self.alone && is_inside {
            return None;
        }
        let end = self.tail(text, start + self.text.len())?;
        let assigned = self.assigned(text, end)?;
        let is_secret = match self.kind {
            Sensitive::Password => is_password(&assigned),
            _ => is_key(&assigned),
        };
        let (note, confidence) = match self.kind {
            Sensitive::Password => ("a password", 80),
            Sensitive::Token => ("a token", 75),
            _ => ("a key", 80),
        };
        is_secret.then(|| value(assigned.range(), self.kind, confidence, note))
    }

    /// Where the name ends that goes on behind these letters; `None` where it is about something else.
    fn tail(&self, text: &str, at: usize) -> Option<usize> {
        let is_tail = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let end = run_of(text, at, TAIL_BYTES_MAX + 1, is_tail);
        let tail = text.get(at..end)?.to_ascii_lowercase();
        let is_about = ABOUT.iter().any(|about| tail.contains(about));
        let fits = tail.len() <= TAIL_BYTES_MAX && !is_about;
        // `tokenizer`, `secretary`: a name goes on with a sign of its own, a digit, a plural, or a capital.
        let grows = text.get(at..end)?.starts_with(|ch: char| ch.is_ascii_lowercase());
        (fits && (!grows || matches!(tail.as_str(), "s" | "en"))).then_some(end)
    }

    /// The value behind a name that ends here.
    fn assigned<'t>(&self, text: &'t str, end: usize) -> Option<Assigned<'t>> {
        let at = run_of(text, end, 4, |byte| b"\"'`*_]".contains(&byte));
        let mut at = run_of(text, at, SPACES_MAX, |byte| byte == b' ' || byte == b'\t');
        let mut loose = false;
        let mut said = false;
        if !matches!(after_char(text, at), Some(':' | '=' | '：')) {
            if self.kind != Sensitive::Password {
                return None;
            }
            let rest =
                text.get(at..text.floor_char_boundary((at + GAP_BYTES_MAX).min(text.len())))?;
            (at, said) = gap(rest).map(|(gap, said)| (at + gap, said))?;
            loose = true;
        }
        if !said {
            at = sign(text, at)?;
        }
        // Bold letters of Markdown end here: `**Password:** …`.
        let at = run_of(text, at, SPACES_MAX, |byte| b" \t*_".contains(&byte));
        Assigned::at(text, at, loose, said)
    }
}

/// Words between a name and its sign, and whether the sign is a word too: "is", "lautet".
fn gap(rest: &str) -> Option<(usize, bool)> {
    const SAYS: [&str; 10] = ["is", "ist", "lautet", "est", "es", "è", "é", "är", "er", "jest"];
    let mut at = 0;
    for word in rest.split_inclusive(' ').take(6) {
        let plain = word.trim_end();
        if word.len() > plain.len() && SAYS.contains(&plain.to_lowercase().as_str()) {
            let end = at + word.len();
            let sign = rest.get(end..).is_some_and(|rest| rest.starts_with(':'));
            return Some((end, !sign));
        }
        let bare = plain.trim_start_matches('(').trim_end_matches(')');
        if let Some((head, _)) = plain.split_once([':', '=', '：']) {
            let bare = head.trim_start_matches('(').trim_end_matches(')');
            return bare
                .chars()
                .all(|ch| ch.is_alphabetic() || ch == '-')
                .then_some((at + head.len(), false));
        }
        if !bare.chars().all(|ch| ch.is_alphanumeric() || matches!(ch, '-' | '_' | '/' | '\'')) {
            return None;
        }
        at += word.len();
    }
    None
}

/// Behind `:`, `=`, `:=`, `=>`, `==`.
fn sign(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    for sign in [":=", "=>", "==", ":", "=", "："] {
        if rest.starts_with(sign) {
            return Some(at + sign.len());
        }
    }
    None
}
