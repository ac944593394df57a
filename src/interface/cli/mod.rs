//! The command line: one file a command or group of commands, `run` picks.

mod access_policies;
mod access_tests;
mod admin;
mod allow;
mod args;
mod audit;
mod calibrate;
mod demo;
mod demo_plan;
mod document;
mod error;
mod eval;
mod explain;
mod feed;
mod follow;
mod ingest;
mod inspect;
mod keys;
mod look;
mod outside;
mod packs;
mod policy_check;
mod proofs;
mod readers;
mod receipts;
mod retrieve;
mod review;
mod scan;
mod screen;
mod serve;
mod socket;
mod stamp_keys;
mod train;
mod users;
mod workspace;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Arguments, Command, PolicyCommand};
use error::{CliError, Outcome};
use screen::Screen;
use workspace::Workspace;

/// Runs what the command line says.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    log_to_stderr();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(command(arguments)),
        Err(source) => Err(CliError::Io { what: "no runtime could be started".to_owned(), source }),
    };
    match ended {
        Ok(outcome) => ExitCode::from(outcome.code()),
        Err(error) if error.is_closed_output() => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.explained());
            ExitCode::FAILURE
        }
    }
}

/// Warnings and alarms, or what `ALNAGE_LOG` says (`info`, `alnage=debug`, `off`).
fn log_to_stderr() {
    use tracing_subscriber::EnvFilter;
    use tracing_subscriber::filter::LevelFilter;
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::WARN.into())
        .with_env_var("ALNAGE_LOG")
        .from_env_lossy();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .init();
}

#[expect(clippy::print_stderr, reason = "the one place that tells a person what went wrong")]
fn complain(text: &str) {
    eprintln!("{text}");
}

async fn command(arguments: Arguments) -> Result<Outcome, CliError> {
    let mut screen = Screen::stdout();
    let screen = &mut screen;
    let folder = arguments.workspace;
    match arguments.command {
        Command::Demo { folder } => demo::run(folder.as_deref(), screen).await,
        Command::Init { folder } => {
            workspace::create(&folder).await?;
            let shown = folder.display();
            screen.line(format!("workspace made in `{shown}`; its keys lie in `{shown}/keys`"))?;
            screen
                .line("Give `keys/second-review.key` to a second person, and keep no copy here.")?;
            screen.line(format!("Next: alnage -w {shown} ingest FOLDER"))?;
            Ok(Outcome::Done)
        }
        // It takes no lock, so it needs no server either.
        Command::Audit(command) => audit::run(&folder, command, screen),
        Command::Scan(arguments) => scan::run(arguments, screen).await,
        Command::Calibrate(arguments) => calibrate::run(arguments, screen).await,
        Command::Inspect(arguments) => inspect::run(arguments, screen).await,
        Command::Train(arguments) => train::run(&arguments, screen),
        Command::Eval(arguments) => eval::run(&arguments, screen),
        Command::Explain { rule, format } => explain::run(&folder, rule.as_deref(), format, screen),
        Command::Policy(PolicyCommand::Check { files }) => {
            policy_check::run(&folder, &files, screen)
        }
        Command::Policy(PolicyCommand::Test { files }) => {
            access_tests::run(&folder, &files, screen)
        }
        Command::Policy(PolicyCommand::Schema) => access_tests::schema(screen),
        Command::Serve(arguments) => {
            let workspace = Workspace::open(&folder).await?;
            serve::run(workspace, &folder, &arguments, screen).await
        }
        Command::Verify { public_key: Some(key), proofs, format } => {
            proofs::verify(&key, &proofs, format, screen)
        }
        command => match socket::forward(&folder).await? {
            Some(code) => Ok(Outcome::Forwarded(code)),
            None => on_workspace(&Workspace::open(&folder).await?, command, screen).await,
        },
    }
}

/// Whether a command works on an open workspace; a running server takes these from others.
const fn wants_workspace(command: &Command) -> bool {
    match command {
        Command::Demo { .. }
        | Command::Init { .. }
        | Command::Serve(_)
        | Command::Scan(_)
        | Command::Calibrate(_)
        | Command::Inspect(_)
        | Command::Train(_)
        | Command::Eval(_)
        | Command::Explain { .. }
        | Command::Policy(_)
        | Command::Audit(_)
        | Command::Verify { public_key: Some(_), .. } => false,
        Command::Source(_)
        | Command::Collection(_)
        | Command::Key(_)
        | Command::StampKey(_)
        | Command::Ingest(_)
        | Command::Retrieve(_)
        | Command::Review(_)
        | Command::Allow(_)
        | Command::User(_)
        | Command::Access(_)
        | Command::Document(_)
        | Command::Verify { public_key: None, .. }
        | Command::Prove { .. }
        | Command::Sweep { .. }
        | Command::Reseal { .. }
        | Command::Store(_) => true,
    }
}

/// The commands that work on an open workspace: in this process, or inside a running server.
async fn on_workspace(
    workspace: &Workspace,
    command: Command,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    match command {
        Command::Demo { .. }
        | Command::Init { .. }
        | Command::Serve(_)
        | Command::Scan(_)
        | Command::Calibrate(_)
        | Command::Inspect(_)
        | Command::Train(_)
        | Command::Eval(_)
        | Command::Explain { .. }
        | Command::Policy(_)
        | Command::Audit(_) => {
            Err(CliError::Usage("this command works on no open workspace".to_owned()))
        }
        Command::Source(command) => admin::source(workspace, command, screen).await,
        Command::Collection(command) => admin::collection(workspace, command, screen).await,
        Command::Key(command) => keys::run(workspace, command, screen).await,
        Command::Ingest(arguments) => ingest::run(workspace, arguments, screen).await,
        Command::Retrieve(arguments) => retrieve::run(workspace, &arguments, screen).await,
        Command::Review(command) => review::run(workspace, command, screen).await,
        Command::Allow(command) => allow::run(workspace, command, screen).await,
        Command::User(command) => users::run(workspace, command, screen).await,
        Command::Access(command) => admin::access(workspace, command, screen).await,
        Command::Document(command) => document::run(workspace, command, screen).await,
        Command::Verify { public_key: Some(_), .. } => {
            Err(CliError::Usage("proofs are checked without a workspace".to_owned()))
        }
        Command::Verify { format, .. } => admin::verify(workspace, format, screen).await,
        Command::Prove { id, out } => proofs::prove(workspace, id, out.as_deref(), screen).await,
        Command::Sweep { repair, format } => {
            stamp_keys::sweep(workspace, repair, format, screen).await
        }
        Command::Reseal { key } => stamp_keys::reseal(workspace, key.as_ref(), screen).await,
        Command::StampKey(command) => stamp_keys::run(workspace, command, screen).await,
        Command::Store(command) => admin::store(workspace, command, screen).await,
    }
}
