//! `alnage demo`: the whole story on real documents, in a workspace that is thrown away.

use std::path::{Path, PathBuf};

use tokio_util::sync::CancellationToken;

use crate::domain::access::{AccessList, Label, Principal};
use crate::domain::source::Name;
use crate::pipeline::administer::NewSource;
use crate::pipeline::receipt::Intake;
use crate::pipeline::retrieve::Question;

use super::demo_plan::{Person, Plan};
use super::error::{CliError, Outcome};
use super::feed::{At, Root};
use super::ingest::{self, Taken, Taker};
use super::readers::Readers;
use super::retrieve;
use super::screen::Screen;
use super::workspace::{self, Workspace, operator};

/// Where the shipped documents lie in a clone.
const SHIPPED: &str = "corpora/company";
/// Passages that each person gets.
const K: usize = 3;
/// Characters shown of one passage.
const PASSAGE_CHARS: usize = 320;

/// Runs the command.
pub(super) async fn run(folder: Option<&Path>, screen: &mut Screen) -> Result<Outcome, CliError> {
    let folder = match folder {
        Some(folder) => folder.to_owned(),
        None => shipped()?,
    };
    let plan = Plan::of(&folder)?;
    let throw_away = ThrowAway::new()?;
    workspace::create(&throw_away.workspace).await?;
    let people = throw_away.workspace.join("directory.toml");
    std::fs::write(&people, plan.directory())
        .map_err(CliError::io("the demo's directory could not be written"))?;
    let workspace = Workspace::open(&throw_away.workspace).await?;

    screen.line(format!("Documents of {}\n", folder.display()))?;
    let taken = take_in(&workspace, &plan, &folder, screen).await?;
    ingest::print(screen, &taken, &[])?;
    let question = plan.question(&taken);
    for person in &plan.people {
        ask(&workspace, person, &question, screen).await?;
    }
    verify(&workspace, screen).await?;
    screen.line("\nThe workspace of this demo is gone. To keep one:")?;
    screen.line("    alnage init WORKSPACE")?;
    screen.line("    alnage -w WORKSPACE ingest FOLDER")?;
    screen.line("    alnage -w WORKSPACE retrieve QUESTION --as NAME")?;
    Ok(Outcome::Done)
}

fn shipped() -> Result<PathBuf, CliError> {
    let clone = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let candidates = [Some(PathBuf::from(SHIPPED)), clone.map(|clone| clone.join(SHIPPED))];
    candidates.into_iter().flatten().find(|folder| folder.is_dir()).ok_or_else(|| {
        let text =
            format!("`{SHIPPED}` is not here; run this in a clone, or say `alnage demo FOLDER`");
        CliError::Usage(text)
    })
}

async fn take_in(
    workspace: &Workspace,
    plan: &Plan,
    folder: &Path,
    screen: &mut Screen,
) -> Result<Taken, CliError> {
    let root = folder
        .canonicalize()
        .map_err(CliError::io(format!("folder `{}` cannot be used", folder.display())))?;
    let collection = workspace.collection(&name("default")?).await?;
    let mut all = Taken::default();
    for planned in &plan.sources {
        let source = workspace
            .guard
            .create_source(
                NewSource {
                    name: planned.name.clone(),
                    tenant: workspace.settings.tenant.clone(),
                    tier: planned.tier,
                    readers: AccessList::allowing([Principal::Everyone], Label::Public),
                },
                &operator(),
            )
            .await?;
        let (entries, left_out) = Root::Folder(root.join(&planned.path)).list();
        let (count, tier) = (entries.known(), planned.tier.name());
        screen.line(format!("source `{}` ({tier}): {count} documents", source.name))?;
        let intake = Intake { source, collection: collection.clone(), actor: operator() };
        let asked = |at: &At| match at {
            At::File(path) => plan.readers_of(path.strip_prefix(&root).unwrap_or(path)),
            At::Object(..) => None,
        };
        let mut readers = Readers::new(&intake.source.readers, &asked);
        let stop = CancellationToken::new();
        let taker = Taker { guard: &workspace.guard, intake: &intake, stop: &stop };
        taker.leave(left_out, &mut readers, &mut all).await;
        taker.take_in(entries, &mut readers, &mut all).await?;
    }
    Ok(all)
}

async fn ask(
    workspace: &Workspace,
    person: &Person,
    question: &str,
    screen: &mut Screen,
) -> Result<(), CliError> {
    let collection = workspace.collection(&name("default")?).await?;
    let caller = workspace.view_as(&workspace.settings.tenant, &person.name).await?;
    let asked = Question { view_as: true, ..Question::text(&caller, &collection, question, K) };
    let passages = workspace.guard.retrieve(&asked).await?;
    screen.line(format!("\n{} asks: {question}", person.described()))?;
    retrieve::print(screen, &passages, PASSAGE_CHARS)
}

async fn verify(workspace: &Workspace, screen: &mut Screen) -> Result<(), CliError> {
    let collection = workspace.collection(&name("default")?).await?;
    let verified = workspace.guard.verify(&collection).await?;
    if !verified.is_sound() {
        let faults = verified.faults.len();
        return Err(CliError::Usage(format!("{faults} stored points are not as sealed")));
    }
    let intact = verified.intact;
    Ok(screen.line(format!("\nverified: all {intact} stamps hold, and store and ledger agree"))?)
}

fn name(text: &str) -> Result<Name, CliError> {
    text.parse().map_err(|error| CliError::Usage(format!("{error}")))
}

/// A folder that goes when the demo ends, however it ends.
struct ThrowAway {
    root: PathBuf,
    workspace: PathBuf,
}

impl ThrowAway {
    fn new() -> Result<Self, CliError> {
        let root = std::env::temp_dir().join(format!("alnage-demo-{}", uuid::Uuid::new_v4()));
        let workspace = root.join("workspace");
        Ok(Self { root, workspace })
    }
}

impl Drop for ThrowAway {
    fn drop(&mut self) {
        // Nothing can be done about a folder that does not go; it holds a copy of the demo alone.
        let _ = std::fs::remove_dir_all(&self.root);
    }
}
