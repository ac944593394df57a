//! What answers of late held, read from the log at the start: so that a restart gives nobody a new budget.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use serde::Deserialize;

use super::folder;
use super::walk::{Ending, Fault, Walk, read_line};
use crate::domain::audit::Record;
use crate::domain::budget::Spender;
use crate::domain::id::{DocumentId, PointId};
use crate::domain::source::Tenant;
use crate::domain::time::Timestamp;
use crate::pipeline::budget::Budgets;

/// What is read of a record.
#[derive(Deserialize)]
struct Retrieved {
    event: String,
    #[serde(default)]
    view_as: bool,
    tenant: Option<String>,
    #[serde(default)]
    spenders: Vec<String>,
    #[serde(default)]
    documents: BTreeMap<DocumentId, Vec<PointId>>,
}

/// Counts the answers of a log since this moment. The error: the log does not hold, and nobody knows what went out.
pub fn remember(log: &Path, since: Timestamp, budgets: &Budgets) -> Result<(), Fault> {
    let mut walk = Walk::since(log, since)?;
    while let Some(line) = walk.next()? {
        let Some(at) = moment(line.record.at).filter(|at| *at > since) else { continue };
        if !line.record.event.contains("\"retrieved\"") {
            continue;
        }
        let Ok(read) = serde_json::from_str::<Retrieved>(line.record.event) else { continue };
        if read.event != "retrieved" {
            continue;
        }
        let Some(Ok(tenant)) = read.tenant.map(|tenant| tenant.parse::<Tenant>()) else { continue };
        for name in read.spenders {
            let spender = Spender { tenant: tenant.clone(), name };
            if !(read.view_as && spender.is_user()) {
                let points = read.documents.values().flatten().copied();
                budgets.remember(spender, points, at);
            }
        }
    }
    Ok(())
}

fn moment(text: &str) -> Option<Timestamp> {
    let moment: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp(moment.as_millisecond()))
}

/// When the first record of a segment was written.
pub(super) fn begun(log: &Path, first: u64) -> Option<Timestamp> {
    let mut line = Vec::new();
    let mut reader = BufReader::new(File::open(folder::segment(log, first)).ok()?);
    if read_line(&mut reader, &mut line).ok()? != Ending::Whole {
        return None;
    }
    let (record, _) = Record::read(std::str::from_utf8(&line).ok()?)?;
    moment(record.at)
}
