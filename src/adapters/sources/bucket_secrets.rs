//! What opens a bucket: from the environment, from a private file, or nothing.
//!
//! Only secrets are taken, by name: a variable or a file that could name another server would send
//! everything there.

use std::path::Path;

use zeroize::Zeroizing;

use super::bucket::Protocol;
use crate::adapters::key_files::{self, KeyFileError};

/// Names in a file, and in the environment, by protocol; those that must be there first.
const S3: [(&str, &str); 3] = [
    ("access_key_id", "AWS_ACCESS_KEY_ID"),
    ("secret_access_key", "AWS_SECRET_ACCESS_KEY"),
    ("session_token", "AWS_SESSION_TOKEN"),
];
const AZURE: [(&str, &str); 2] =
    [("access_key", "AZURE_STORAGE_ACCOUNT_KEY"), ("sas_token", "AZURE_STORAGE_SAS_TOKEN")];
const GOOGLE: [(&str, &str); 1] = [("service_account_key", "GOOGLE_SERVICE_ACCOUNT_KEY")];

/// Secrets by the library's names for them.
#[derive(Default)]
pub struct Secrets {
    pairs: Vec<(&'static str, Zeroizing<String>)>,
    anonymous: bool,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets").field("anonymous", &self.anonymous).finish_non_exhaustive()
    }
}

/// There are no secrets where they should be.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// The file.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// The environment.
    #[error("none of these is set in the environment: {names}")]
    Unset {
        /// The variables.
        names: String,
    },
}

impl Secrets {
    /// A public bucket needs none.
    pub fn anonymous() -> Self {
        Self { pairs: Vec::new(), anonymous: true }
    }

    /// The machine has a role; the library asks it.
    pub fn of_instance() -> Self {
        Self::default()
    }

    /// From variables.
    pub fn of_environment(
        protocol: Protocol,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, SecretsError> {
        let known = known(protocol);
        let pair =
            |(key, name): &(&'static str, &str)| Some((*key, Zeroizing::new(variable(name)?)));
        let pairs: Vec<_> = known.iter().filter_map(pair).collect();
        if pairs.is_empty() {
            let names: Vec<&str> = known.iter().map(|(_, name)| *name).collect();
            return Err(SecretsError::Unset { names: names.join(", ") });
        }
        Ok(Self { pairs, anonymous: false })
    }

    /// From a file: `name = "secret"` lines; for Google the JSON of a service account.
    pub fn of_file(protocol: Protocol, path: &Path) -> Result<Self, SecretsError> {
        let text = key_files::read_secret(path)?;
        if protocol == Protocol::Google {
            return Ok(Self { pairs: vec![("service_account_key", text)], anonymous: false });
        }
        let invalid = |detail: String| KeyFileError::Invalid { path: path.to_owned(), detail };
        // The parser's own words would quote the line.
        let table: toml::Table = text.parse().map_err(|_| invalid("it is not TOML".to_owned()))?;
        let known = known(protocol);
        let mut pairs = Vec::new();
        for (name, value) in table {
            let key = known.iter().find(|(key, _)| *key == name);
            match (key, value) {
                (Some((key, _)), toml::Value::String(secret)) => {
                    pairs.push((*key, Zeroizing::new(secret)));
                }
                _ => {
                    let names: Vec<&str> = known.iter().map(|(key, _)| *key).collect();
                    return Err(
                        invalid(format!("it may hold strings: {}", names.join(", "))).into()
                    );
                }
            }
        }
        if pairs.is_empty() {
            return Err(invalid("it holds no secret".to_owned()).into());
        }
        Ok(Self { pairs, anonymous: false })
    }

    pub(super) const fn is_anonymous(&self) -> bool {
        self.anonymous
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.pairs.iter().map(|(key, value)| (*key, value.as_str()))
    }
}

const fn known(protocol: Protocol) -> &'static [(&'static str, &'static str)] {
    match protocol {
        Protocol::S3 => &S3,
        Protocol::Azure => &AZURE,
        Protocol::Google => &GOOGLE,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::{Protocol, Secrets};

    #[test]
    fn a_file_of_secrets_is_private_and_can_name_no_server() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bucket.toml");
        let good = "access_key_id = \"id\"\nsecret_access_key = \"hunter2\"\n";
        std::fs::write(&path, good).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(Secrets::of_file(Protocol::S3, &path).is_err(), "others can read it");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        let secrets = Secrets::of_file(Protocol::S3, &path).unwrap();
        assert_eq!(secrets.pairs().count(), 2);
        assert!(!format!("{secrets:?}").contains("hunter2"));
        for bad in ["endpoint = \"http://evil\"\n", "= \"hunter2\"\n", "access_key_id = 7\n"] {
            std::fs::write(&path, bad).unwrap();
            let error = Secrets::of_file(Protocol::S3, &path).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
    }

    #[test]
    fn an_environment_without_secrets_is_told() {
        let none = Secrets::of_environment(Protocol::S3, |_| None).unwrap_err().to_string();
        assert!(none.contains("AWS_ACCESS_KEY_ID"), "{none}");
        let one = |name: &str| (name == "AWS_ACCESS_KEY_ID").then(|| "id".to_owned());
        assert_eq!(Secrets::of_environment(Protocol::S3, one).unwrap().pairs().count(), 1);
    }
}
