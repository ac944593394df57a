//! Programs from PyPI that tests speak to, in virtual environments in a cache outside the clone. Where the
//! registry cannot be reached a test says so and is skipped; in CI (`CI` is set) it fails.

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// One installation at a time.
static INSTALLING: Mutex<()> = Mutex::new(());

/// A virtual environment: its name, and what is in it.
pub(super) struct Venv(&'static str, &'static [&'static str]);

/// A server that speaks S3.
pub(super) const MOTO: Venv = Venv("moto-5.2.5", &["moto[server]==5.2.5"]);
/// A tester of HTTP APIs that reads their OpenAPI documents.
pub(super) const SCHEMATHESIS: Venv = Venv("schemathesis-4.32.5", &["schemathesis==4.32.5"]);
/// What applications in Python ask with.
pub(super) const CLIENTS: Venv =
    Venv("clients-1.8.3", &["langchain-core==1.8.3", "httpx==0.28.1", "requests==2.34.2"]);

/// A client of SCIM servers, and what tests them with it.
pub(super) const SCIM: Venv = Venv(
    "scim2-tester-0.5.2",
    &["scim2-tester==0.5.2", "scim2-client[httpx2]==0.13.2", "scim2-models==0.12.3"],
);

impl Venv {
    /// A program of it; `None`, with the reason printed, where it cannot be had.
    pub(super) fn program(&self, name: &str) -> Option<PathBuf> {
        let _one = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
        let Self(folder, packages) = self;
        let home = PathBuf::from(std::env::var_os("HOME")?);
        let venv = home.join(".cache/alnage-test").join(folder);
        let (program, complete) = (venv.join("bin").join(name), venv.join("complete"));
        if complete.exists() {
            return Some(program);
        }
        std::fs::create_dir_all(&venv).unwrap();
        let run = |command: &mut Command| command.status().is_ok_and(|status| status.success());
        let made = run(Command::new("python3").args(["-m", "venv"]).arg(&venv));
        let mut pip = Command::new(venv.join("bin/pip"));
        if made && run(pip.args(["install", "--quiet"]).args(*packages)) {
            std::fs::write(complete, "").unwrap();
            return Some(program);
        }
        assert!(std::env::var_os("CI").is_none(), "{packages:?} could not be installed with pip");
        println!("skipped: {packages:?} could not be installed with pip");
        None
    }
}
