//! The server's side: runs command lines of its own user on the open workspace.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Parser as _;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, watch};

use super::{Frame, Request, address};
use crate::domain::limits::{SOCKET_OUTPUT_BYTES_MAX, SOCKET_REQUEST_BYTES_MAX};
use crate::interface::cli::args::Arguments;
use crate::interface::cli::error::CliError;
use crate::interface::cli::screen::{self, Screen};
use crate::interface::cli::workspace::Workspace;
use crate::interface::cli::{on_workspace, wants_workspace};

/// The workspace that commands run on, as it is now.
pub(in crate::interface::cli) type Commands = watch::Receiver<Arc<Workspace>>;

/// Makes the socket, for this user alone. Whoever holds the workspace's lock may take the place of one
/// that was left behind.
pub(in crate::interface::cli) fn listen(
    workspace: &Path,
    commands: Commands,
) -> Result<Listening, CliError> {
    let failed = || CliError::io("the local socket could not be made");
    let (folder, address) = address(workspace).map_err(failed())?;
    match fs::remove_file(&address) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed()(error)),
        Ok(()) | Err(_) => {}
    }
    // The folder is the owner's alone, so nobody can connect before the next line either.
    let listener = UnixListener::bind(&address).map_err(failed())?;
    fs::set_permissions(&address, fs::Permissions::from_mode(0o600)).map_err(failed())?;
    let task = tokio::spawn(accept(listener, commands));
    Ok(Listening { task, address, _folder: folder })
}

/// A socket that is listened at; gone when this is dropped. Commands that still run end with the process: what
/// they acknowledged is carried on by the next one.
#[derive(Debug)]
pub(in crate::interface::cli) struct Listening {
    task: tokio::task::JoinHandle<()>,
    address: std::path::PathBuf,
    _folder: fs::File,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
        // Left behind, it would be taken for nobody's at the next start.
        let _ = fs::remove_file(&self.address);
    }
}

async fn accept(listener: UnixListener, commands: Commands) {
    let own = rustix::process::getuid().as_raw();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            continue;
        };
        if stream.peer_cred().is_ok_and(|peer| peer.uid() == own) {
            let workspace = Arc::clone(&commands.borrow());
            tokio::spawn(serve(stream, workspace));
        }
    }
}

/// One command. The client that goes away stops it; what was acknowledged by then is carried on.
async fn serve(stream: UnixStream, workspace: Arc<Workspace>) {
    let (from, to) = stream.into_split();
    let mut from = BufReader::new(from);
    let Some(request) = request(&mut from).await else { return };
    let (frames, outgoing) = mpsc::unbounded_channel();
    let unsent = Arc::new(AtomicUsize::new(0));
    let printing = tokio::spawn(print(outgoing, to, Arc::clone(&unsent)));
    let here = request.folder.clone();
    let work = screen::from(here, run(request, Arc::clone(&workspace), frames, unsent));
    let mut nothing_more = [0];
    tokio::select! {
        () = work => { let _ = printing.await; }
        _ = from.read(&mut nothing_more) => {
            if let Err(error) = workspace.guard.reconcile().await {
                tracing::warn!(code = error.code(), "a command was stopped half-way");
            }
        }
    }
}

async fn request(from: &mut BufReader<OwnedReadHalf>) -> Option<Request> {
    let mut line = String::new();
    from.take(SOCKET_REQUEST_BYTES_MAX).read_line(&mut line).await.ok()?;
    serde_json::from_str(&line).ok()
}

async fn run(
    request: Request,
    workspace: Arc<Workspace>,
    frames: mpsc::UnboundedSender<Frame>,
    unsent: Arc<AtomicUsize>,
) {
    let code = match parsed(&request) {
        Err(text) => {
            let _ = frames.send(Frame::Error(text));
            2
        }
        Ok(arguments) => {
            let out = Out { frames: frames.clone(), unsent };
            let mut screen = Screen::new(Box::new(out), request.width);
            match on_workspace(&workspace, arguments.command, &mut screen).await {
                Ok(outcome) => outcome.code(),
                Err(error) => {
                    let _ = frames.send(Frame::Error(format!("{}\n", error.explained())));
                    1
                }
            }
        }
    };
    let _ = frames.send(Frame::Exit(code));
}

fn parsed(request: &Request) -> Result<Arguments, String> {
    let own = env!("CARGO_PKG_VERSION");
    if request.version != own {
        return Err(format!(
            "error: the running server is alnage {own}, this is {}\n",
            request.version
        ));
    }
    let words = std::iter::once("alnage").chain(request.arguments.iter().map(String::as_str));
    let arguments = Arguments::try_parse_from(words).map_err(|error| error.to_string())?;
    if wants_workspace(&arguments.command) {
        Ok(arguments)
    } else {
        Err("error: this command does not run inside a server\n".to_owned())
    }
}

/// What a command prints, on its way to the client.
struct Out {
    frames: mpsc::UnboundedSender<Frame>,
    unsent: Arc<AtomicUsize>,
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A client that does not read must not make the server grow.
        let unsent = self.unsent.fetch_add(bytes.len(), Ordering::Relaxed);
        if unsent > SOCKET_OUTPUT_BYTES_MAX {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        let text = String::from_utf8_lossy(bytes).into_owned();
        self.frames.send(Frame::Out(text)).map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn print(
    mut frames: mpsc::UnboundedReceiver<Frame>,
    mut to: OwnedWriteHalf,
    unsent: Arc<AtomicUsize>,
) {
    while let Some(frame) = frames.recv().await {
        if let Frame::Out(text) = &frame {
            unsent.fetch_sub(text.len(), Ordering::Relaxed);
        }
        let Ok(mut line) = serde_json::to_vec(&frame) else { return };
        line.push(b'\n');
        if to.write_all(&line).await.is_err() {
            return;
        }
    }
}
