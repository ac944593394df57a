//! `alnage train`: labelled texts → the linear model.

use std::path::Path;

use crate::interface::cli::args::TrainArguments;
use crate::interface::cli::error::{CliError, Outcome};
use crate::interface::cli::screen::Screen;
use crate::interface::cli::workspace::shown;
use crate::pipeline::evaluation::{Concepts, Row, lexicon, rows, shipped_concepts, train};

/// Runs the command.
pub(super) fn run(arguments: &TrainArguments, screen: &mut Screen) -> Result<Outcome, CliError> {
    let rows = labelled(&arguments.files)?;
    let attacks = rows.iter().filter(|row| row.injection).count();
    screen.line(format!("{attacks} attacks, {} honest texts", rows.len() - attacks))?;
    if attacks == 0 || attacks == rows.len() {
        return Err(CliError::Usage("a model needs attacks and honest texts".to_owned()));
    }
    let bytes = train(rows, &concepts(&arguments.concepts)?).to_bytes();
    let out = &arguments.out;
    std::fs::write(out, &bytes).map_err(CliError::io(format!("`{}`", shown(out))))?;
    screen.line(format!("{}: {} bytes", shown(out), bytes.len()))?;
    Ok(Outcome::Done)
}

/// The concepts of these lexicons, or without any those of the model that is shipped.
fn concepts(files: &[impl AsRef<Path>]) -> Result<Concepts, CliError> {
    if files.is_empty() {
        return shipped_concepts().ok_or_else(|| CliError::Usage(NO_CONCEPTS.to_owned()));
    }
    let read = |file: &Path| Ok((shown(file).to_string(), whole(file)?));
    let files: Vec<(String, String)> =
        files.iter().map(|file| read(file.as_ref())).collect::<Result<_, CliError>>()?;
    Ok(lexicon(&files)?)
}

/// Without the shipped model there are no words to take.
pub(super) const NO_CONCEPTS: &str =
    "the shipped model cannot be read, and its concepts are needed";

/// The rows of these files; a set is called like its file.
pub(super) fn labelled(files: &[impl AsRef<Path>]) -> Result<Vec<Row>, CliError> {
    let mut all = Vec::new();
    for file in files.iter().map(AsRef::as_ref) {
        let stem = file.file_stem().unwrap_or(file.as_os_str());
        all.extend(rows(&stem.to_string_lossy(), &whole(file)?)?);
    }
    Ok(all)
}

/// Data sets are larger than what is configured with.
fn whole(file: &Path) -> Result<String, CliError> {
    std::fs::read_to_string(file).map_err(CliError::io(format!("`{}`", shown(file))))
}
