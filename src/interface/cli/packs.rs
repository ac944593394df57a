//! Files of rules that people add to the shipped ones: those of a workspace's `rules` folder, or those
//! that the command line names.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::pipeline::rules::{self, Detectors, PackFile};

use super::error::CliError;
use super::workspace::{SETTINGS, read_text, shown};

/// The folder of a workspace that holds them.
pub(super) const FOLDER: &str = "rules";
const ENDING: &str = "toml";

/// The shipped detectors with the packs of a workspace; without any where there is no workspace.
pub(super) fn of_workspace(workspace: &Path) -> Result<Detectors, CliError> {
    detectors(&files_of_workspace(workspace)?)
}

/// The shipped detectors with the packs of these files and folders.
pub(super) fn of(paths: &[PathBuf]) -> Result<Detectors, CliError> {
    let mut files = Vec::new();
    for path in paths {
        match path.is_dir() {
            true => files.extend(files_in(path, ENDING)?),
            false => files.push(path.clone()),
        }
    }
    detectors(&files)
}

/// Every file of rules of a workspace, in order.
pub(super) fn files_of_workspace(workspace: &Path) -> Result<Vec<PathBuf>, CliError> {
    let folder = workspace.join(FOLDER);
    match workspace.join(SETTINGS).is_file() && folder.is_dir() {
        true => files_in(&folder, ENDING),
        false => Ok(Vec::new()),
    }
}

/// The files of a folder with this ending, in order.
pub(super) fn files_in(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, CliError> {
    let what = format!("folder `{}` could not be listed", shown(folder));
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(CliError::io(what.clone()))? {
        let path = entry.map_err(CliError::io(what.clone()))?.path();
        // Editors lay files beside those that they change, and begin their names with a stop.
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if path.extension() == Some(OsStr::new(ending)) && !hidden {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn detectors(files: &[PathBuf]) -> Result<Detectors, CliError> {
    let texts = texts(files)?;
    Ok(rules::with_packs(&as_packs(&texts))?)
}

/// Names and texts of files.
pub(super) fn texts(files: &[PathBuf]) -> Result<Vec<(String, String)>, CliError> {
    files.iter().map(|file| Ok((shown(file), read_text(file)?))).collect()
}

/// The same as the pipeline takes them.
pub(super) fn as_packs(texts: &[(String, String)]) -> Vec<PackFile<'_>> {
    texts.iter().map(|(name, text)| PackFile { name, text }).collect()
}
