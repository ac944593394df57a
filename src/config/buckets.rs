//! `[buckets.NAME]` of `alnage.toml` → buckets that documents come from, every mistake at once.

use std::path::PathBuf;
use std::str::FromStr;

use reqwest::Url;

use crate::domain::finding::draw_safely;
use crate::domain::source::Name;

use super::embedders::is_loopback;
use crate::domain::toml_file::Section;

const KEYS: [&str; 7] =
    ["url", "endpoint", "region", "account", "credentials", "credentials_file", "allow_http"];

/// Whose protocol a bucket speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BucketKind {
    /// `s3://`: Amazon S3, and everything that answers as it does.
    S3,
    /// `az://`: Azure Blob Storage.
    Azure,
    /// `gs://`: Google Cloud Storage.
    Google,
}

/// A bucket and what lies under a prefix of it: `s3://bucket/prefix`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketUrl {
    /// Whose protocol.
    pub kind: BucketKind,
    /// Its name there.
    pub bucket: String,
    /// Folder of objects, without slashes around it; empty: all.
    pub prefix: String,
}

/// The text names no bucket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no bucket; write `s3://BUCKET/PREFIX`, `az://…` or `gs://…`")]
pub struct BucketUrlError {
    /// What was given, drawn safely.
    pub text: String,
}

impl FromStr for BucketUrl {
    type Err = BucketUrlError;

    fn from_str(text: &str) -> Result<Self, BucketUrlError> {
        let error = || BucketUrlError { text: draw_safely(text) };
        let (scheme, rest) = text.split_once("://").ok_or_else(error)?;
        let kind = match scheme {
            "s3" => BucketKind::S3,
            "az" => BucketKind::Azure,
            "gs" => BucketKind::Google,
            _ => return Err(error()),
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let fits = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' | b'$');
        let prefix = prefix.trim_end_matches('/');
        let odd = |part: &str| part == "." || part == ".." || part.is_empty();
        if bucket.is_empty()
            || bucket.len() > 222
            || !bucket.bytes().all(fits)
            || prefix.chars().any(char::is_control)
            || !prefix.is_empty() && prefix.split('/').any(odd)
        {
            return Err(error());
        }
        Ok(Self { kind, bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

impl BucketUrl {
    /// Whether a key, or a prefix, lies under this one.
    pub fn holds(&self, key: &str) -> bool {
        let outer = self.prefix.as_str();
        key.strip_prefix(outer)
            .is_some_and(|rest| outer.is_empty() || rest.is_empty() || rest.starts_with('/'))
    }

    /// Whether a text is meant as a bucket, and not as a path.
    pub fn is_meant(text: &str) -> bool {
        ["s3://", "az://", "gs://"].iter().any(|scheme| text.starts_with(scheme))
    }
}

/// Where a bucket's credentials come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// The variables that the provider's own tools read.
    Environment,
    /// A file, readable by its owner alone; relative to the workspace.
    File(PathBuf),
    /// The machine that this runs on has a role.
    Instance,
    /// None: the bucket is public.
    Anonymous,
}

/// A bucket that documents may come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketSettings {
    /// The section's name.
    pub name: Name,
    /// Which bucket, and under which prefix.
    pub url: BucketUrl,
    /// A server other than the provider's own.
    pub endpoint: Option<Url>,
    /// Of Amazon; some others want one too.
    pub region: Option<String>,
    /// Of Azure.
    pub account: Option<String>,
    /// What opens it.
    pub credentials: Credentials,
}

impl BucketSettings {
    /// Whether an object could be meant by both. Objects are known by bucket and key alone, so one name must
    /// not be two buckets of two servers.
    fn clashes_with(&self, other: &Self) -> bool {
        let place = |one: &Self| (one.endpoint.clone(), one.account.clone());
        (self.url.kind, &self.url.bucket) == (other.url.kind, &other.url.bucket)
            && (place(self) != place(other)
                || self.url.holds(&other.url.prefix)
                || other.url.holds(&self.url.prefix))
    }
}

/// Reads the table `buckets`.
pub fn parse(root: &Section<'_>) -> Vec<BucketSettings> {
    let Some(table) = root.section("buckets") else { return Vec::new() };
    let mut buckets: Vec<BucketSettings> = Vec::new();
    for name in table.keys() {
        let Some(fields) = table.section(name) else { continue };
        let Some(bucket) = bucket(&table, name, &fields) else { continue };
        if let Some(other) = buckets.iter().find(|other| other.clashes_with(&bucket)) {
            let message = format!("`url` is of the same bucket as `buckets.{}`", other.name);
            let help = "one section for what lies under one prefix, all of one server";
            fields.mistake("url", message, help);
        }
        buckets.push(bucket);
    }
    buckets
}

fn bucket(table: &Section<'_>, name: &str, fields: &Section<'_>) -> Option<BucketSettings> {
    fields.only(&KEYS);
    let parsed_name = name.parse::<Name>();
    if let Err(error) = &parsed_name {
        table.mistake(name, error.to_string(), "");
    }
    fields.required("url");
    let url: Option<BucketUrl> = fields.parsed("url");
    let allow_http = fields.flag("allow_http").unwrap_or(false);
    let endpoint = fields.text("endpoint").map(|text| endpoint(fields, text, allow_http));
    let account = fields.text("account").map(str::to_owned);
    if let Some(url) = &url {
        if url.kind == BucketKind::Azure && account.is_none() {
            fields.mistake("account", "`account` is missing", "Azure needs its storage account");
        }
        if url.kind == BucketKind::Google && endpoint.is_some() {
            fields.mistake("endpoint", "`endpoint` is for s3 and az", "");
        }
    }
    Some(BucketSettings {
        name: parsed_name.ok()?,
        url: url?,
        endpoint: match endpoint {
            Some(endpoint) => Some(endpoint?),
            None => None,
        },
        region: fields.text("region").map(str::to_owned),
        account,
        credentials: credentials(fields)?,
    })
}

fn endpoint(fields: &Section<'_>, text: &str, allow_http: bool) -> Option<Url> {
    let refuse = |what: &str, help: &str| {
        fields.mistake("endpoint", format!("`endpoint` {what}"), help);
        None
    };
    match Url::parse(text) {
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            refuse("holds a secret", "use `credentials_file` or the environment")
        }
        Ok(url) if url.scheme() == "https" => Some(url),
        Ok(url) if url.scheme() == "http" && (allow_http || is_loopback(&url)) => Some(url),
        Ok(url) if url.scheme() == "http" => {
            refuse("sends documents in clear", "use https, or say `allow_http = true`")
        }
        Ok(_) | Err(_) => refuse("is no URL", "write `https://…`"),
    }
}

fn credentials(fields: &Section<'_>) -> Option<Credentials> {
    let said = fields.keys().contains(&"credentials");
    if let Some(path) = fields.text("credentials_file") {
        if said {
            fields.mistake("credentials", "there are two places of credentials", "keep one");
        }
        return Some(Credentials::File(path.into()));
    }
    let words = [("environment", 0), ("instance", 1), ("anonymous", 2)];
    let word = if said { fields.one_of("credentials", &words)? } else { 0 };
    Some(match word {
        0 => Credentials::Environment,
        1 => Credentials::Instance,
        _ => Credentials::Anonymous,
    })
}

#[cfg(test)]
mod tests {
    use super::{BucketKind, BucketSettings, BucketUrl, Credentials, parse};
    use crate::domain::toml_file::{Mistakes, TomlFile};

    fn read(text: &str) -> Result<Vec<BucketSettings>, Mistakes> {
        let file = TomlFile::parse("alnage.toml", text);
        let buckets = parse(&file.root());
        file.finish(Some(buckets))
    }

    #[test]
    fn a_url_names_bucket_and_prefix_and_never_leads_out_of_it() {
        let url: BucketUrl = "s3://docs/hr/2026/".parse().unwrap();
        assert_eq!((url.kind, &*url.bucket, &*url.prefix), (BucketKind::S3, "docs", "hr/2026"));
        assert_eq!("gs://docs".parse::<BucketUrl>().unwrap().prefix, "");
        for bad in ["docs", "s3://", "ftp://docs", "s3://d/../x", "s3://d//x", "s3://a b/x"] {
            assert!(bad.parse::<BucketUrl>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_prefix_lies_in_folders_and_not_in_beginnings_of_names() {
        let url = |text: &str| text.parse::<BucketUrl>().unwrap();
        let (hr, all) = (url("s3://docs/hr"), url("s3://docs"));
        assert!(hr.holds("hr/a") && hr.holds("hr") && all.holds("hr"));
        assert!(!hr.holds("hrx") && !hr.holds(""));
    }

    #[test]
    fn two_sections_cannot_mean_one_object() {
        let two = |one: &str, two: &str| {
            read(&format!("[buckets.a]\nurl = \"{one}\n[buckets.b]\nurl = \"{two}\n"))
        };
        let server = "s3://docs\"\nendpoint = \"https://minio\"";
        let mistakes = two("s3://docs\"", server).unwrap_err();
        assert!(mistakes.to_string().contains("alnage.toml:4: `url` is of the same bucket"));
        assert!(two("s3://docs/hr\"", "s3://docs\"").is_err(), "one holds the other");
        assert!(two("az://d/x\"\naccount = \"a\"", "az://d/y\"\naccount = \"b\"").is_err());
        assert!(two("s3://docs/hr\"", "s3://docs/it\"").is_ok());
        assert!(two("s3://docs\"", "gs://docs\"").is_ok());
    }

    #[test]
    fn secrets_stand_elsewhere_and_nothing_goes_out_in_clear_unasked() {
        let with = |more: &str| read(&format!("[buckets.docs]\nurl = \"s3://docs\"\n{more}\n"));
        assert_eq!(with("").unwrap()[0].credentials, Credentials::Environment);
        assert!(with("secret_access_key = \"x\"").is_err());
        assert!(with("endpoint = \"http://127.0.0.1:9\"").is_ok());
        assert!(with("endpoint = \"http://minio:9\"").is_err());
        assert!(with("endpoint = \"http://minio:9\"\nallow_http = true").is_ok());
        assert!(with("endpoint = \"https://a:b@minio\"").is_err());
        assert!(with("credentials = \"instance\"\ncredentials_file = \"x\"").is_err());
        assert!(read("[buckets.docs]\nurl = \"az://docs\"\n").is_err(), "an account is missing");
    }
}
