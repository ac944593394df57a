//! `[http]` of `alnage.toml`: where the service listens, and how often one key may ask.

use std::net::SocketAddr;

use crate::domain::toml_file::Section;

/// Settings of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpSettings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Requests of one key in a second; 0: as many as it likes.
    pub requests_per_second: u32,
    /// Questions of one user in a second, whichever application asks; 0: as many as it likes.
    pub questions_per_user_second: u32,
}

impl Default for HttpSettings {
    fn default() -> Self {
        let listen = SocketAddr::from(([127, 0, 0, 1], 8080));
        Self { listen, requests_per_second: 0, questions_per_user_second: 0 }
    }
}

/// Reads the section; mistakes are reported to the file.
pub(super) fn parse(section: Option<&Section<'_>>) -> Option<HttpSettings> {
    let default = HttpSettings::default();
    let Some(section) = section else { return Some(default) };
    section.only(&["listen", "requests_per_second", "questions_per_user_second"]);
    let said = |key: &str| section.keys().contains(&key);
    let listen = match said("listen") {
        true => section.parsed("listen"),
        false => Some(default.listen),
    };
    let rate = |key: &str, otherwise: u32| match said(key) {
        true => {
            section.number(key, 0..=u64::from(u32::MAX)).and_then(|rate| u32::try_from(rate).ok())
        }
        false => Some(otherwise),
    };
    Some(HttpSettings {
        listen: listen?,
        requests_per_second: rate("requests_per_second", default.requests_per_second)?,
        questions_per_user_second: rate(
            "questions_per_user_second",
            default.questions_per_user_second,
        )?,
    })
}
