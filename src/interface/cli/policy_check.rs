//! `alnage policy check`: every mistake of every file at once. No lock is taken and nothing is opened.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::adapters::system::SystemClock;
use crate::config::ignores::{self, Day};
use crate::config::settings::{self, ENVIRONMENT, SettingsError};
use crate::config::{access_cases, directory, policy};
use crate::domain::finding::draw_safely;
use crate::domain::toml_file::{Mistake, Mistakes};
use crate::pipeline::ports::Clock as _;
use crate::pipeline::rules::{self, Detectors, PackFile};

use super::error::{CliError, Outcome};
use super::screen::Screen;
use super::workspace::{DIRECTORY, SETTINGS, read_text, shown};
use super::{access_policies, packs};

/// Checks these files, or everything that a workspace is configured with.
pub(super) fn run(
    workspace: &Path,
    files: &[PathBuf],
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    let (files, mut mistakes) = match files.is_empty() {
        true => of_workspace(workspace)?,
        false => (files.to_vec(), Vec::new()),
    };
    let (cedar, others): (Vec<PathBuf>, Vec<PathBuf>) = files
        .iter()
        .cloned()
        .partition(|file| file.extension() == Some(OsStr::new(access_policies::ENDING)));
    let (packs, others): (Vec<PathBuf>, Vec<PathBuf>) =
        others.into_iter().partition(|file| is_pack(file));
    // Profiles may name what the packs of the workspace find, and what those that are checked do.
    let known = [packs.clone(), packs::files_of_workspace(workspace)?].concat();
    let ids = known.iter().filter_map(|file| id_of(file)).chain(rules::ids(&Detectors::shipped()));
    let ids: Vec<String> = ids.collect();
    mistakes.extend(mistakes_of_packs(&packs));
    mistakes.extend(mistakes_of_access(&cedar));
    mistakes.extend(others.iter().flat_map(|file| mistakes_of(file, &ids)));
    if mistakes.is_empty() {
        for file in &files {
            screen.line(format!("{}: no mistake", shown(file)))?;
        }
        return Ok(Outcome::Done);
    }
    mistakes.sort_by(|one, two| (&one.file, one.line).cmp(&(&two.file, two.line)));
    Err(CliError::Check(Mistakes(mistakes)))
}

/// Every file that is read when the workspace is opened, and every other profile; a policy in force that
/// is not there is a mistake.
fn of_workspace(workspace: &Path) -> Result<(Vec<PathBuf>, Vec<Mistake>), CliError> {
    let settings = workspace.join(SETTINGS);
    if !settings.is_file() {
        let folder = shown(workspace);
        let text = format!("`{folder}` is no workspace; name the files, or a workspace with -w");
        return Err(CliError::Usage(text));
    }
    let folder = workspace.join("policies");
    let what = format!("folder `{}` could not be listed", shown(&folder));
    let mut files = vec![settings.clone(), workspace.join(DIRECTORY)];
    files.extend(packs::files_of_workspace(workspace)?);
    files.extend(access_policies::files_of_workspace(workspace)?);
    let tables = workspace.join(access_policies::FOLDER);
    if tables.is_dir() {
        files.extend(packs::files_in(&tables, "toml")?);
    }
    for entry in fs::read_dir(&folder).map_err(CliError::io(what.clone()))? {
        let path = entry.map_err(CliError::io(what.clone()))?.path();
        if path.extension() == Some(OsStr::new("toml")) {
            files.push(path);
        }
    }
    let text = read_text(&settings)?;
    let in_force = settings::parse(&shown(&settings), &text, environment()).ok();
    let missing = in_force
        .map(|settings| settings.policy)
        .filter(|name| !folder.join(format!("{name}.toml")).is_file());
    let mistake = missing.map(|name| Mistake {
        file: shown(&settings),
        line: 1 + text
            .lines()
            .position(|line| line.trim_start().starts_with("policy"))
            .unwrap_or(0),
        message: format!("there is no profile `{name}` in `policies`"),
        help: format!("make `policies/{name}.toml`, or name another"),
    });
    Ok((files, mistake.into_iter().collect()))
}

fn environment() -> [Option<String>; ENVIRONMENT.len()] {
    ENVIRONMENT.map(|name| std::env::var(name).ok())
}

/// A file of a folder `rules`, or one that holds a rule with a pattern.
fn is_pack(path: &Path) -> bool {
    let folder = path.parent().and_then(Path::file_name);
    folder == Some(OsStr::new(packs::FOLDER))
        || read_text(path)
            .is_ok_and(|text| text.contains("\n[[rule]]\n") && text.contains("\npattern = "))
}

/// A table of cases beside access policies.
fn is_table(path: &Path) -> bool {
    path.parent().is_some_and(|folder| folder.ends_with(access_policies::FOLDER))
}

fn id_of(path: &Path) -> Option<String> {
    rules::id_of(&PackFile { name: "", text: &read_text(path).ok()? })
}

/// Packs are checked together: no two may have one id.
fn mistakes_of_packs(files: &[PathBuf]) -> Vec<Mistake> {
    let (readable, mut mistakes) = readable(files);
    let texts = packs::texts(&readable).unwrap_or_default();
    let checked = rules::with_packs(&packs::as_packs(&texts));
    mistakes.extend(checked.err().into_iter().flat_map(|told| told.0));
    mistakes
}

/// Access policies are checked together too, beside those that always hold.
fn mistakes_of_access(files: &[PathBuf]) -> Vec<Mistake> {
    let (readable, mut mistakes) = readable(files);
    if let Ok(Err(told)) = access_policies::read(&readable) {
        mistakes.extend(told.0);
    }
    mistakes
}

/// Those of these files that can be read, and what is wrong with the others.
fn readable(files: &[PathBuf]) -> (Vec<PathBuf>, Vec<Mistake>) {
    let (readable, unreadable): (Vec<PathBuf>, Vec<PathBuf>) =
        files.iter().cloned().partition(|file| read_text(file).is_ok());
    (readable, unreadable.iter().filter_map(|file| text_of(file).err()).collect())
}

fn text_of(path: &Path) -> Result<String, Mistake> {
    read_text(path).map_err(|error| {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        let message = format!("it cannot be read: {}", cause.unwrap_or_default());
        Mistake { file: shown(path), line: 1, message, help: String::new() }
    })
}

/// What a file is follows from its name; what has no name of ours is a profile.
fn mistakes_of(path: &Path, ids: &[String]) -> Vec<Mistake> {
    let file = shown(path);
    let at_start =
        |message: String| Mistake { file: file.clone(), line: 1, message, help: String::new() };
    let text = match text_of(path) {
        Ok(text) => text,
        Err(mistake) => return vec![mistake],
    };
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let checked = match path.file_name().and_then(OsStr::to_str) {
        Some(SETTINGS) => match settings::parse(&file, &text, environment()) {
            Ok(_) => Ok(()),
            Err(SettingsError::Mistakes(mistakes)) => Err(mistakes),
            Err(error @ SettingsError::Newer { .. }) => {
                Err(Mistakes(vec![at_start(error.to_string())]))
            }
        },
        _ if is_table(path) => access_cases::parse(&file, &text).map(drop),
        Some(DIRECTORY) => directory::parse(&file, &text).map(drop),
        Some(ignores::FILE) => {
            ignores::parse(&file, &text, &ids, Day::of(SystemClock.now())).map(drop)
        }
        _ => policy::parse(&file, &text, &ids)
            .and_then(|policy| named_as(path, &policy.id, at_start)),
    };
    checked.err().map(|mistakes| mistakes.0).unwrap_or_default()
}

/// A profile is found by its file's name, and verdicts are recorded under its id: they must agree.
fn named_as(path: &Path, id: &str, at_start: impl Fn(String) -> Mistake) -> Result<(), Mistakes> {
    if path.file_stem() == Some(OsStr::new(id)) {
        return Ok(());
    }
    let id = draw_safely(id);
    let mistake = at_start(format!("it calls itself `{id}`"));
    Err(Mistakes(vec![Mistake {
        help: format!("name the file `{id}.toml`, or change `id`"),
        ..mistake
    }]))
}
