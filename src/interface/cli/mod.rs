//! The command line: one file a command or group of commands, `run` picks.

mod admin;
mod args;
mod demo;
mod demo_plan;
mod error;
mod ingest;
mod receipts;
mod retrieve;
mod review;
mod screen;
mod workspace;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Arguments, Command};
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
    let open = || Workspace::open(&folder);
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
        Command::Source(command) => admin::source(&open().await?, command, screen).await,
        Command::Collection(command) => admin::collection(&open().await?, command, screen).await,
        Command::Ingest(arguments) => ingest::run(&open().await?, arguments, screen).await,
        Command::Retrieve(arguments) => retrieve::run(&open().await?, &arguments, screen).await,
        Command::Review(command) => review::run(&open().await?, command, screen).await,
        Command::Access(command) => admin::access(&open().await?, command, screen).await,
        Command::Verify { format } => admin::verify(&open().await?, format, screen).await,
        Command::Store(command) => admin::store(&open().await?, command, screen).await,
    }
}
