//! A workspace on disk: made by `init`, opened by every other command, one program at a time.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::num::NonZeroUsize;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::adapters::audit_log::{self, AuditLog};
use crate::adapters::credentials::Directory;
use crate::adapters::embedders;
use crate::adapters::identity::Issuers;
use crate::adapters::key_files::Keys;
use crate::adapters::ledger::SqliteLedger;
use crate::adapters::reader_process::ReaderPool;
use crate::adapters::ring_file::RingKeeper;
use crate::adapters::stores::EdgeStore;
use crate::adapters::system::{RandomIds, SystemClock};
use crate::config::directory;
use crate::config::policy::{self, SHIPPED};
use crate::config::settings::{self, ENVIRONMENT, Settings};
use crate::domain::access::{AccessList, Label, Principal};
use crate::domain::authorize::AccessPolicies;
use crate::domain::caller::Caller;
use crate::domain::finding::draw_safely;
use crate::domain::policy::Policy;
use crate::domain::source::{Collection, Name, Source, Tenant, TrustTier};
use crate::domain::time::Timestamp;
use crate::pipeline::administer::NewSource;
use crate::pipeline::budget::Budgets;
use crate::pipeline::guard::{Detection, Guard};
use crate::pipeline::ledger::Ledger;
use crate::pipeline::people::People;
use crate::pipeline::ports::Clock as _;
use crate::pipeline::reading::Options;
use crate::pipeline::rules::{self, Detectors};
use crate::pipeline::settle::Reconciled;
use crate::pipeline::shared_ring::SharedRing;

use super::error::CliError;
use super::{access_policies, outside, packs};

/// The file that makes a folder a workspace.
pub(super) const SETTINGS: &str = "alnage.toml";
/// Users and their groups.
pub(super) const DIRECTORY: &str = "directory.toml";
/// The folder of the audit log.
pub(super) const AUDIT: &str = "audit";
/// The folder of the keys.
pub(super) const KEYS: &str = "keys";
const LOCK: &str = "lock";
/// Bytes of a configuration file; a longer one is a mistake.
const FILE_BYTES_MAX: u64 = 4 << 20;

/// What a new `directory.toml` says.
const DIRECTORY_TEMPLATE: &str = "\
# Users, their groups and their clearance. A name that is not here stands for a user without groups
# and with clearance \"internal\".
#
# [users.mara]
# groups = [\"people\"]
# clearance = \"confidential\"
";

/// An open workspace; its lock ends with it.
#[derive(Debug)]
pub(super) struct Workspace {
    /// The guard.
    pub(super) guard: Guard,
    /// The settings.
    pub(super) settings: Settings,
    /// Users and groups.
    pub(super) directory: Directory,
    /// Whose tokens say who a user is.
    pub(super) issuers: Arc<Issuers>,
    /// The secrets.
    pub(super) keys: Keys,
    /// Where it lies.
    pub(super) folder: PathBuf,
    lock: Arc<File>,
}

/// Makes a workspace with a default source and collection.
pub(super) async fn create(folder: &Path) -> Result<(), CliError> {
    let shown = folder.display();
    let empty = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let mut builder = DirBuilder::new();
            let built = builder.recursive(true).mode(0o700).create(folder);
            built.map_err(CliError::io(format!("folder `{shown}` could not be made")))?;
            true
        }
        Err(source) => {
            return Err(CliError::Io { what: format!("folder `{shown}` cannot be used"), source });
        }
    };
    if !empty {
        let text = format!("`{shown}` is not empty; a workspace is made in a new folder");
        return Err(CliError::Usage(text));
    }
    let policies = folder.join("policies");
    make_folder(&policies)?;
    for (name, text) in SHIPPED {
        write_new(&policies.join(format!("{name}.toml")), text)?;
    }
    make_folder(&folder.join(access_policies::FOLDER))?;
    write_new(
        &folder.join(access_policies::FOLDER).join(access_policies::OWN),
        access_policies::TEMPLATE,
    )?;
    write_new(&folder.join(DIRECTORY), DIRECTORY_TEMPLATE)?;
    Keys::create(&folder.join(KEYS))?;
    make_folder(&folder.join(packs::FOLDER))?;
    make_folder(&folder.join("ledger"))?;
    make_folder(&folder.join("store"))?;
    // The settings come last: a folder with them is a workspace, one without them is not.
    write_new(&folder.join(SETTINGS), settings::TEMPLATE)?;
    let workspace = Workspace::open(folder).await?;
    let default: Name = default_name()?;
    let source = NewSource {
        name: default.clone(),
        tenant: workspace.settings.tenant.clone(),
        tier: TrustTier::External,
        readers: AccessList::allowing([Principal::Everyone], Label::Internal),
    };
    workspace.guard.create_source(source, &operator()).await?;
    let (lexical, none) = (embedders::lexical_name(), BTreeMap::new());
    workspace.guard.create_collection(default, &lexical, &none, &operator()).await?;
    Ok(())
}

fn default_name() -> Result<Name, CliError> {
    "default".parse().map_err(|error| CliError::Usage(format!("{error}")))
}

impl Workspace {
    /// Opens a workspace, and carries on whatever was acknowledged and not finished.
    pub(super) async fn open(folder: &Path) -> Result<Self, CliError> {
        let settings_path = folder.join(SETTINGS);
        if !settings_path.is_file() {
            let shown = folder.display();
            let text = format!("`{shown}` is no workspace; `alnage init DIR` makes one");
            return Err(CliError::Usage(text));
        }
        let lock = lock(&folder.join(LOCK))?;
        let Configuration { settings, detectors, policy, directory, access_policies } =
            configuration(folder)?;
        let key_folder = folder.join(KEYS);
        let keys = Keys::load(&key_folder)?;
        let events = AuditLog::open(&folder.join(AUDIT), &keys.signer, settings.durability)
            .map_err(CliError::io("the audit log could not be opened"))?;
        let ledger =
            SqliteLedger::open(&folder.join("ledger").join("ledger.sqlite"), keys.ledger.clone())
                .await?;
        let ledger = Arc::new(ledger);
        let budgets = Budgets::default();
        if settings.budget.chunks_per_user + settings.budget.chunks_per_app > 0 {
            let since = SystemClock.now().0.saturating_sub(settings.budget.window_ms);
            audit_log::remember(&folder.join(AUDIT), Timestamp(since), &budgets)?;
        }
        let reading = Options { second_opinion: settings.second_opinion };
        let guard = Guard {
            reader: Arc::new(ReaderPool::start(processes(settings.reader_processes), reading)?),
            ledger: Arc::clone(&ledger) as Arc<dyn Ledger>,
            people: Arc::clone(&ledger) as Arc<dyn People>,
            keeping: ledger,
            store: Arc::new(EdgeStore::open(&folder.join("store"))?),
            embedders: outside::embedders(&settings, folder)?,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(RandomIds),
            events: Arc::new(events),
            ring: Arc::new(SharedRing::new(keys.ring.clone())),
            keeper: Arc::new(RingKeeper::new(key_folder, keys.ring.sketch().clone())),
            signer: keys.signer.clone(),
            fingerprints: keys.fingerprints.clone(),
            policy: Arc::new(policy),
            mode: settings.mode,
            access_policies: Arc::new(access_policies),
            budget_limits: settings.budget,
            unmasked_from: settings.unmasked_from,
            budgets: Arc::new(budgets),
            detection: Detection::On(detectors),
            judges: outside::judges(&settings, folder)?,
            known: Arc::default(),
            turns: Arc::default(),
        };
        let issuers = outside::issuers(&settings, folder)?;
        let reconciled = guard.reconcile().await?;
        if reconciled != Reconciled::default() {
            let Reconciled { served, moved, dropped, rebuilt, withheld: _ } = reconciled;
            tracing::info!(served, moved, dropped, rebuilt, "carried on what was not finished");
        }
        let folder = folder.to_owned();
        Ok(Self { guard, settings, directory, issuers, keys, folder, lock: Arc::new(lock) })
    }

    /// The same workspace under its configuration as it is on disk now. Where it listens and how many
    /// readers there are is read at the start alone.
    pub(super) fn reloaded(&self, folder: &Path) -> Result<Self, CliError> {
        let Configuration { settings, detectors, policy, directory, access_policies } =
            configuration(folder)?;
        // Counters go on where nothing has changed.
        let embedders = match settings.embedders == self.settings.embedders {
            true => Arc::clone(&self.guard.embedders),
            false => outside::embedders(&settings, folder)?,
        };
        // What was spent of this hour stays spent. A model that was changed in place is read at the next start.
        let judges = match settings.judges == self.settings.judges {
            true => Arc::clone(&self.guard.judges),
            false => outside::judges(&settings, folder)?,
        };
        // Always anew: a secret may have been exchanged in place, and the old one must end.
        let issuers = outside::issuers(&settings, folder)?;
        let (policy, mode) = (Arc::new(policy), settings.mode);
        let (detection, access_policies) = (Detection::On(detectors), Arc::new(access_policies));
        let guard = self.guard.clone();
        let (budget_limits, unmasked_from) = (settings.budget, settings.unmasked_from);
        let guard = Guard {
            policy,
            mode,
            access_policies,
            budget_limits,
            unmasked_from,
            detection,
            embedders,
            judges,
            ..guard
        };
        let (keys, lock) = (self.keys.clone(), Arc::clone(&self.lock));
        let folder = folder.to_owned();
        Ok(Self { guard, settings, directory, issuers, keys, folder, lock })
    }

    /// The source of this name.
    pub(super) async fn source(&self, name: &Name) -> Result<Source, CliError> {
        let sources = self.guard.ledger.sources().await?;
        sources.into_iter().find(|source| source.name == *name).ok_or_else(|| {
            let help = format!("`alnage source create {name} --tier …` makes one");
            CliError::Usage(format!("there is no source `{name}`; {help}"))
        })
    }

    /// The collection of this name.
    pub(super) async fn collection(&self, name: &Name) -> Result<Collection, CliError> {
        let collections = self.guard.ledger.collections().await?;
        collections.into_iter().find(|collection| collection.name == *name).ok_or_else(|| {
            let help = format!("`alnage collection create {name}` makes one");
            CliError::Usage(format!("there is no collection `{name}`; {help}"))
        })
    }

    /// A user, as the local operator looks as one.
    pub(super) async fn view_as(&self, tenant: &Tenant, user: &str) -> Result<Caller, CliError> {
        let caller = self.directory.view_as(&self.guard, tenant, user).await;
        caller.map_err(|error| CliError::Usage(error.to_string()))
    }

    /// The tenant that was said, or the workspace's own.
    pub(super) fn tenant(&self, said: Option<&Tenant>) -> Tenant {
        said.unwrap_or(&self.settings.tenant).clone()
    }
}

/// Who sits at this terminal: the owner of the key files.
pub(super) fn operator() -> String {
    format!("operator:uid-{}", rustix::process::getuid().as_raw())
}

/// What the workspace's files say.
struct Configuration {
    settings: Settings,
    detectors: Detectors,
    policy: Policy,
    directory: Directory,
    access_policies: AccessPolicies,
}

fn configuration(folder: &Path) -> Result<Configuration, CliError> {
    let path = folder.join(SETTINGS);
    let environment = ENVIRONMENT.map(|name| std::env::var(name).ok());
    let settings = settings::parse(&shown(&path), &read_text(&path)?, environment)?;
    let detectors = packs::of_workspace(folder)?;
    let policy = load_policy(folder, &settings, &detectors)?;
    let path = folder.join(DIRECTORY);
    let users = directory::parse(&shown(&path), &read_text(&path)?)?;
    let access_policies = access_policies::of_workspace(folder)?;
    let directory = Directory::of(users);
    Ok(Configuration { settings, detectors, policy, directory, access_policies })
}

fn load_policy(
    folder: &Path,
    settings: &Settings,
    detectors: &Detectors,
) -> Result<Policy, CliError> {
    let path = folder.join("policies").join(format!("{}.toml", settings.policy));
    let ids = rules::ids(detectors);
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let policy = policy::parse(&shown(&path), &read_text(&path)?, &ids)?;
    if policy.id != settings.policy.as_str() {
        let (found, name) = (draw_safely(&policy.id), &settings.policy);
        let text = format!("`{}` calls itself `{found}`, not `{name}`", path.display());
        return Err(CliError::Usage(text));
    }
    Ok(policy)
}

fn lock(path: &Path) -> Result<File, CliError> {
    let opened = OpenOptions::new().create(true).write(true).truncate(false).mode(0o600).open(path);
    let file = opened.map_err(CliError::io("the workspace could not be locked"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let text = "another alnage process has this workspace open; try again when it is done";
            Err(CliError::Usage(text.to_owned()))
        }
        Err(TryLockError::Error(source)) => {
            Err(CliError::Io { what: "the workspace could not be locked".to_owned(), source })
        }
    }
}

fn processes(configured: u64) -> NonZeroUsize {
    let cores = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    usize::try_from(configured).ok().and_then(NonZeroUsize::new).unwrap_or_else(cores)
}

fn make_folder(path: &Path) -> Result<(), CliError> {
    let what = format!("folder `{}` could not be made", path.display());
    DirBuilder::new().mode(0o700).create(path).map_err(CliError::io(what))
}

pub(super) fn write_new(path: &Path, text: &str) -> Result<(), CliError> {
    let what = format!("file `{}` could not be made", path.display());
    let mut options = OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(0o600).open(path);
    opened.and_then(|mut file| file.write_all(text.as_bytes())).map_err(CliError::io(what))
}

/// The text of a configuration file: all of it, for a part of it would be another configuration.
pub(super) fn read_text(path: &Path) -> Result<String, CliError> {
    let what = format!("file `{}` could not be read", path.display());
    let mut text = String::new();
    let read =
        File::open(path).and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text));
    match read.map_err(CliError::io(what))? {
        bytes if bytes as u64 > FILE_BYTES_MAX => {
            let shown = shown(path);
            Err(CliError::Usage(format!("`{shown}` has more than {FILE_BYTES_MAX} bytes")))
        }
        _ => Ok(text),
    }
}

/// A path for messages.
pub(super) fn shown(path: &Path) -> String {
    draw_safely(&path.display().to_string())
}
