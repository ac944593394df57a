//! `alnage serve`: the HTTP API and the local socket over one open workspace, until a signal ends it.
//!
//! SIGHUP reads the configuration anew; a wrong one is told and the old one stays. SIGINT and SIGTERM take
//! no new work, let the work in flight finish within a bound, and settle what was acknowledged.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::block_in_place;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::domain::limits::{HTTP_DRAIN_SECONDS_MAX, TIDY_SECONDS};
use crate::interface::http::{Metrics, Present, Service, Start, router, serve};
use crate::pipeline::settler::Settler;

use super::args::ServeArguments;
use super::error::{CliError, Outcome};
use super::screen::Screen;
use super::socket;
use super::workspace::Workspace;

/// Runs the command.
pub(super) async fn run(
    workspace: Workspace,
    folder: &Path,
    arguments: &ServeArguments,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    let mut signals = Signals::new()?;
    let settings = workspace.settings.http.clone();
    let listen = arguments.listen.unwrap_or(settings.listen);
    let listener = TcpListener::bind(listen)
        .await
        .map_err(CliError::io(format!("`{listen}` could not be listened at")))?;
    let address = listener.local_addr().map_err(CliError::io("the listener has no address"))?;
    let secret = workspace.keys.fingerprints.clone();
    let (present, now) = watch::channel(present_of(&workspace));
    let (workspaces, commands) = watch::channel(Arc::new(workspace));
    let guards = now.clone();
    let (settler, settling) = Settler::new(move || guards.borrow().guard.clone());
    let settling = tokio::spawn(settling);
    let metrics = Arc::new(Metrics::default());
    let service = Service::new(Start { present: now, settler, metrics, settings, secret });
    let local = socket::listen(folder, commands)?;
    screen.line(format!("listening on http://{address}, try the API at http://{address}/docs"))?;
    if !address.ip().is_loopback() {
        tracing::warn!("keys and documents travel in clear text; put TLS in front of this address");
    }
    let ended = async {
        loop {
            match signals.next().await {
                Happened::End => break,
                // Rules are compiled, which takes a moment.
                Happened::Reload => block_in_place(|| reload(&workspaces, &present, folder)),
                Happened::Tidy => service.tidy().await,
            }
        }
    };
    serve(listener, router(service.clone()), ended).await;
    drop((local, service));
    let settled = timeout(Duration::from_secs(HTTP_DRAIN_SECONDS_MAX), settling).await;
    if settled.is_err() {
        tracing::warn!("acknowledged documents wait for the next start");
    }
    screen.line("ended")?;
    Ok(Outcome::Done)
}

fn present_of(workspace: &Workspace) -> Arc<Present> {
    Arc::new(Present {
        guard: workspace.guard.clone(),
        directory: workspace.directory.clone(),
        issuers: Arc::clone(&workspace.issuers),
    })
}

/// Puts a new configuration in force, or keeps the old one and says why.
fn reload(
    workspaces: &watch::Sender<Arc<Workspace>>,
    present: &watch::Sender<Arc<Present>>,
    folder: &Path,
) {
    let old = Arc::clone(&workspaces.borrow());
    match old.reloaded(folder) {
        Ok(new) => {
            present.send_replace(present_of(&new));
            workspaces.send_replace(Arc::new(new));
            tracing::warn!("the configuration was read anew and is in force");
        }
        Err(error) => {
            let why = error.explained();
            tracing::error!(why, "the new configuration is wrong; the old one stays in force");
        }
    }
}

/// What can happen to a running server from outside.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
    tidy: tokio::time::Interval,
}

impl Signals {
    fn new() -> Result<Self, CliError> {
        let failed = || CliError::io("signals cannot be listened for");
        let mut tidy = interval(Duration::from_secs(TIDY_SECONDS));
        tidy.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).map_err(failed())?,
            terminate: signal(SignalKind::terminate()).map_err(failed())?,
            hang_up: signal(SignalKind::hangup()).map_err(failed())?,
            tidy,
        })
    }
}

/// What happened next.
enum Happened {
    End,
    Reload,
    Tidy,
}

impl Signals {
    async fn next(&mut self) -> Happened {
        tokio::select! {
            _ = self.interrupt.recv() => Happened::End,
            _ = self.terminate.recv() => Happened::End,
            _ = self.hang_up.recv() => Happened::Reload,
            _ = self.tidy.tick() => Happened::Tidy,
        }
    }
}
