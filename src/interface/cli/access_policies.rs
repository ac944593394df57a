//! Access policies of a workspace: the Cedar files of its folder `policies/access`, beside the base.

use std::path::{Path, PathBuf};

use crate::domain::authorize::{AccessPolicies, PolicyFile};
use crate::domain::toml_file::Mistakes;

use super::error::CliError;
use super::packs::files_in;
use super::workspace::{read_text, shown};

/// The folder of a workspace that holds them.
pub(super) const FOLDER: &str = "policies/access";
/// The file that a new workspace has for its own.
pub(super) const OWN: &str = "own.cedar";
/// Ending of files of policies.
pub(super) const ENDING: &str = "cedar";

/// What that file says.
pub(super) const TEMPLATE: &str = "\
// Access policies of this workspace, in Cedar (https://docs.cedarpolicy.com), beside those that always hold:
// a caller reads what the access list allows, never across tenants, never above clearance.
// `alnage policy schema` prints what policies can speak of, and those that always hold.
// `alnage policy check` reports mistakes; `alnage policy test` runs the cases of `*.toml` in this folder.
//
// @id(\"for-support-alone\")
// forbid (principal, action == Action::\"read\", resource)
// when { resource.level >= 2 }
// unless { context has purpose && context.purpose == \"support\" };
";

/// The base, with what the workspace adds; without a folder it adds nothing.
pub(super) fn of_workspace(workspace: &Path) -> Result<AccessPolicies, CliError> {
    Ok(read(&files_of_workspace(workspace)?)??)
}

/// Every file of policies of a workspace, in order.
pub(super) fn files_of_workspace(workspace: &Path) -> Result<Vec<PathBuf>, CliError> {
    let folder = workspace.join(FOLDER);
    match folder.try_exists() {
        Ok(false) => Ok(Vec::new()),
        Ok(true) => files_in(&folder, ENDING),
        Err(source) => {
            let what = format!("folder `{}` cannot be read", shown(&folder));
            Err(CliError::Io { what, source })
        }
    }
}

/// The base with these files.
pub(super) fn read(files: &[PathBuf]) -> Result<Result<AccessPolicies, Mistakes>, CliError> {
    let texts: Result<Vec<(String, String)>, CliError> =
        files.iter().map(|file| Ok((shown(file), read_text(file)?))).collect();
    let texts = texts?;
    let files: Vec<PolicyFile<'_>> =
        texts.iter().map(|(name, text)| PolicyFile { name, text }).collect();
    Ok(AccessPolicies::read(&files))
}
