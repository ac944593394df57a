//! `[embedders.NAME]` of `alnage.toml` → embedders on servers, every mistake at once.

use std::net::IpAddr;
use std::path::PathBuf;

use reqwest::Url;

use crate::domain::access::Label;
use crate::domain::limits::{
    DENSE_DIMENSIONS_MAX, EMBED_ATTEMPTS_MAX, EMBED_BATCH_BYTES_MAX, EMBED_BATCH_TEXTS_MAX,
    EMBED_CONCURRENT_MAX, EMBED_TIMEOUT_MS_MAX,
};
use crate::domain::source::Name;

use crate::domain::toml_file::Section;

const KEYS: [&str; 16] = [
    "kind",
    "base_url",
    "model",
    "dimensions",
    "api_key_env",
    "api_key_file",
    "label_max",
    "batch_texts",
    "batch_bytes",
    "timeout_ms",
    "attempts",
    "concurrent",
    "send_dimensions",
    "encoding",
    "ca_file",
    "price_per_million_tokens",
];

/// A server that makes vectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbedderSettings {
    /// The section's name, which collections are made with.
    pub name: Name,
    /// Where it is: `/embeddings` is appended.
    pub base_url: Url,
    /// The model's name at the server.
    pub model: String,
    /// What its vectors have.
    pub dimensions: u32,
    /// Where its key is.
    pub key: KeyPlace,
    /// The highest label of a text that may be sent.
    pub label_max: Label,
    /// Texts in one request.
    pub batch_texts: u64,
    /// Bytes of text in one request.
    pub batch_bytes: u64,
    /// Wait for one answer.
    pub timeout_ms: u64,
    /// Times that one request is tried.
    pub attempts: u64,
    /// Requests at once.
    pub concurrent: u64,
    /// Whether the request names the dimensions; models that can shorten their vectors need it.
    pub send_dimensions: bool,
    /// Whether numbers are asked for in base64, which is a third of the size.
    pub base64: bool,
    /// Certificates to trust in place of the system's.
    pub ca_file: Option<PathBuf>,
    /// What a million tokens cost, in millionths of a currency.
    pub price_micros: Option<u64>,
}

/// Where a secret is; never in the file itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPlace {
    /// The server wants none.
    None,
    /// In this variable of the environment.
    Environment(String),
    /// In this file, readable by its owner alone; relative to the workspace.
    File(PathBuf),
}

/// Reads the table `embedders`.
pub fn parse(root: &Section<'_>) -> Vec<EmbedderSettings> {
    let Some(table) = root.section("embedders") else { return Vec::new() };
    let mut embedders: Vec<EmbedderSettings> = Vec::new();
    for name in table.keys() {
        let Some(fields) = table.section(name) else { continue };
        let Some(embedder) = embedder(&table, name, &fields) else { continue };
        let same = |other: &&EmbedderSettings| {
            (&other.model, other.dimensions) == (&embedder.model, embedder.dimensions)
        };
        if let Some(other) = embedders.iter().find(same) {
            let message = format!("`{name}` has the model and dimensions of `{}`", other.name);
            let help = "a collection could not tell them apart; keep one";
            fields.mistake("model", message, help);
        }
        embedders.push(embedder);
    }
    embedders
}

fn embedder(table: &Section<'_>, name: &str, fields: &Section<'_>) -> Option<EmbedderSettings> {
    fields.only(&KEYS);
    let parsed_name = match name.parse::<Name>() {
        Ok(parsed) if name != "lexical" => Some(parsed),
        Ok(_) => {
            table.mistake(name, "`lexical` is the built-in embedder's name", "");
            None
        }
        Err(error) => {
            table.mistake(name, error.to_string(), "");
            None
        }
    };
    fields.required("kind");
    let kind = fields.one_of("kind", &[("openai", ())]);
    let base_url = fields.required("base_url").and_then(|text| url(fields, "base_url", text));
    let model = fields.required("model").filter(|model| {
        let fits = !model.is_empty() && model.len() <= 256 && !model.contains(char::is_control);
        if !fits {
            fields.mistake("model", "`model` is no name of a model", "");
        }
        fits
    });
    let number = |key: &str, default: u64, most: u64| {
        if fields.keys().contains(&key) { fields.number(key, 1..=most) } else { Some(default) }
    };
    if !fields.keys().contains(&"dimensions") {
        fields.mistake("dimensions", "`dimensions` is missing", "");
    }
    let dimensions = number("dimensions", 0, DENSE_DIMENSIONS_MAX as u64);
    if !fields.keys().contains(&"label_max") {
        let help = "say up to which label texts may be sent to this server: public, internal, …";
        fields.mistake("label_max", "`label_max` is missing", help);
    }
    let label_max = fields.parsed("label_max");
    let base64 = match fields.keys().contains(&"encoding") {
        true => fields.one_of("encoding", &[("float", false), ("base64", true)]),
        false => Some(false),
    };
    let price = fields.decimal("price_per_million_tokens").map(|price| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not negative; a price past the bound of the type is the bound"
        )]
        let micros = (price * 1e6).round() as u64;
        micros
    });
    Some(EmbedderSettings {
        name: parsed_name?,
        base_url: kind.and(base_url)?,
        model: model?.to_owned(),
        dimensions: u32::try_from(dimensions?).ok()?,
        key: key(fields, ["api_key_env", "api_key_file"]),
        label_max: label_max?,
        batch_texts: number("batch_texts", 64, EMBED_BATCH_TEXTS_MAX)?,
        batch_bytes: number("batch_bytes", 128 << 10, EMBED_BATCH_BYTES_MAX)?,
        timeout_ms: number("timeout_ms", 30_000, EMBED_TIMEOUT_MS_MAX)?,
        attempts: number("attempts", 4, EMBED_ATTEMPTS_MAX)?,
        concurrent: number("concurrent", 4, EMBED_CONCURRENT_MAX)?,
        send_dimensions: fields.flag("send_dimensions").unwrap_or(false),
        base64: base64?,
        ca_file: fields.text("ca_file").map(PathBuf::from),
        price_micros: price,
    })
}

/// Where a key is, by the names of the two settings that can say so.
pub(super) fn key(fields: &Section<'_>, [in_environment, in_file]: [&str; 2]) -> KeyPlace {
    match (fields.text(in_environment), fields.text(in_file)) {
        (Some(_), Some(_)) => {
            fields.mistake(in_file, "there are two places of one key", "keep one");
            KeyPlace::None
        }
        (Some(name), None) => KeyPlace::Environment(name.to_owned()),
        (None, Some(path)) => KeyPlace::File(path.into()),
        (None, None) => KeyPlace::None,
    }
}

/// A server's address. In clear only where nobody can listen.
pub(super) fn url(fields: &Section<'_>, key: &str, text: &str) -> Option<Url> {
    let refuse = |what: &str, help: &str| {
        fields.mistake(key, format!("`{key}` {what}"), help);
        None
    };
    let Ok(url) = Url::parse(text) else { return refuse("is no URL", "write `https://…/v1`") };
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("holds a secret", "a key is read from the environment or from a file");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse("has more than a path", "");
    }
    match url.scheme() {
        "https" => Some(url),
        "http" if is_loopback(&url) => Some(url),
        "http" => refuse("sends texts in clear", "use https; http is for this machine alone"),
        _ => refuse("is neither https nor http", ""),
    }
}

/// Whether a URL leads to this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{EmbedderSettings, KeyPlace, parse};
    use crate::domain::access::Label;
    use crate::domain::toml_file::{Mistakes, TomlFile};

    fn read(text: &str) -> Result<Vec<EmbedderSettings>, Mistakes> {
        let file = TomlFile::parse("alnage.toml", text);
        let embedders = parse(&file.root());
        file.finish(Some(embedders))
    }

    const SMALL: &str = "[embedders.small]\nkind = \"openai\"\nmodel = \"m\"\ndimensions = 384\n\
                         base_url = \"https://example.org/v1\"\nlabel_max = \"internal\"\n";

    #[test]
    fn a_short_section_gets_its_defaults_and_somebody_has_decided_on_the_label() {
        let one = &read(SMALL).unwrap()[0];
        assert_eq!((one.dimensions, one.batch_texts, one.attempts), (384, 64, 4));
        assert_eq!((one.label_max, &one.key), (Label::Internal, &KeyPlace::None));
        let undecided = SMALL.replace("label_max = \"internal\"\n", "");
        assert!(read(&undecided).unwrap_err().to_string().contains("`label_max` is missing"));
    }

    #[test]
    fn texts_go_in_clear_to_this_machine_alone_and_no_secret_stands_in_the_file() {
        for (url, fits) in [
            ("http://127.0.0.1:9/v1", true),
            ("http://[::1]:9/v1", true),
            ("http://localhost/v1", true),
            ("http://example.org/v1", false),
            ("http://127.0.0.1.example.org/v1", false),
            ("https://key@example.org/v1", false),
            ("https://example.org/v1?key=1", false),
            ("file:///etc/passwd", false),
        ] {
            let text = SMALL.replace("https://example.org/v1", url);
            assert_eq!(read(&text).is_ok(), fits, "{url}");
        }
    }

    #[test]
    fn every_mistake_is_reported_and_two_sections_are_two_models() {
        let text = SMALL.replace("384", "0").replace("kind", "kinds");
        let mistakes = read(&text).unwrap_err();
        assert_eq!(mistakes.0.len(), 3, "{mistakes}");
        let twice = format!("{SMALL}{}", SMALL.replace("small", "other"));
        assert!(read(&twice).unwrap_err().to_string().contains("tell them apart"));
        let two = "api_key_env = \"A\"\napi_key_file = \"b\"\n";
        assert!(read(&format!("{SMALL}{two}")).is_err());
        assert!(read(&SMALL.replace("small", "lexical")).is_err());
    }

    #[test]
    fn a_price_has_a_fraction() {
        let one = read(&format!("{SMALL}price_per_million_tokens = 0.02\n")).unwrap();
        assert_eq!(one[0].price_micros, Some(20_000));
        assert!(read(&format!("{SMALL}price_per_million_tokens = -1\n")).is_err());
    }
}
