//! `alnage prove`, and `alnage verify --public-key`, which opens no workspace: a third party has none.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde_json::json;
use uuid::Uuid;

use crate::domain::finding::draw_safely;
use crate::domain::limits::{PROOF_BYTES_MAX, PUBLIC_KEY_BYTES_MAX};
use crate::domain::proof::{Attested, Proof, ProofFault};
use crate::domain::signing::PublicKey;

use super::args::Format;
use super::error::{CliError, Outcome};
use super::screen::{Screen, meant};
use super::workspace::{Workspace, operator, write_new};

/// `alnage prove`.
pub(super) async fn prove(
    workspace: &Workspace,
    id: Uuid,
    out: Option<&Path>,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    let proof = workspace.guard.prove(id, &operator()).await?;
    let text = serde_json::to_string_pretty(&proof)
        .map_err(|error| CliError::Usage(format!("the proof could not be written: {error}")))?;
    print_or_write(out, &text, screen)
}

/// Prints a text, or makes a file of it.
pub(super) fn print_or_write(
    out: Option<&Path>,
    text: &str,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    let text = text.trim_end();
    match out {
        Some(path) => write_new(&meant(path), &format!("{text}\n"))?,
        None => screen.line(text)?,
    }
    Ok(Outcome::Done)
}

/// `alnage verify --public-key`.
pub(super) fn verify(
    key: &Path,
    proofs: &[std::path::PathBuf],
    format: Format,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    let pem = String::from_utf8_lossy(&read(key, PUBLIC_KEY_BYTES_MAX)?).into_owned();
    let public = PublicKey::from_pem(&pem)
        .map_err(|error| CliError::Usage(format!("`{}`: {error}", shown(key))))?;
    let mut outcome = Outcome::Done;
    for path in proofs {
        // One byte above the bound is enough to see that it is above.
        let bytes = read(path, PROOF_BYTES_MAX as u64 + 1)?;
        let checked = Proof::from_json(&bytes).and_then(|proof| proof.check(&public));
        if checked.is_err() {
            outcome = Outcome::Incomplete;
        }
        match format {
            Format::Json => screen.json(&as_json(path, checked))?,
            Format::Text => print(path, checked, screen)?,
        }
    }
    Ok(outcome)
}

fn read(path: &Path, bytes_max: u64) -> Result<Vec<u8>, CliError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(bytes_max).read_to_end(&mut bytes))
        .map_err(CliError::io(format!("file `{}` could not be read", shown(path))))?;
    Ok(bytes)
}

fn as_json(path: &Path, checked: Result<Attested, ProofFault>) -> serde_json::Value {
    match checked {
        Ok(Attested { origin, statement, text }) => json!({
            "proof": path, "holds": true, "uri": origin.uri, "file_sha256": origin.file,
            "text": text, "sealed_at": origin.sealed_at.to_string(), "verdict": origin.verdict,
            "basis": origin.basis, "tenant": origin.tenant, "source": origin.source,
            "document": origin.document, "revision": origin.revision, "chunk": origin.chunk,
            "ordinal": origin.ordinal, "chunks": statement.leaves,
            "signed_at": statement.signed_at.to_string(),
        }),
        Err(fault) => json!({ "proof": path, "holds": false, "reason": fault.code() }),
    }
}

fn print(
    path: &Path,
    checked: Result<Attested, ProofFault>,
    screen: &mut Screen,
) -> Result<(), CliError> {
    let path = shown(path);
    let Attested { origin, statement, text } = match checked {
        Ok(attested) => attested,
        Err(fault) => return Ok(screen.line(format!("{path}: does not hold: {fault}"))?),
    };
    screen.line(format!("{path}: holds"))?;
    let (verdict, basis) = (origin.verdict.name(), origin.basis.name());
    let of = statement.leaves;
    for (what, value) in [
        ("document", draw_safely(&origin.uri)),
        ("file", format!("SHA-256 {}", origin.file)),
        ("chunk", format!("{} of {of}, {}", u64::from(origin.ordinal) + 1, origin.chunk)),
        ("verdict", format!("{verdict}, on the basis {basis}")),
        ("sealed", origin.sealed_at.to_string()),
        ("signed", statement.signed_at.to_string()),
    ] {
        screen.line(format!("    {what:<9} {value}"))?;
    }
    screen.line("    text")?;
    Ok(screen.wrapped("      ", &draw_safely(&text))?)
}

fn shown(path: &Path) -> String {
    draw_safely(&path.display().to_string())
}
