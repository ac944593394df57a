//! The client's side: hands a command line to the running server and prints what comes back.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;

use super::{Frame, Request, address};
use crate::interface::cli::error::CliError;
use crate::interface::cli::screen::columns;

/// Has the command run by the server that has this workspace open; `None` when none runs.
pub(in crate::interface::cli) async fn forward(workspace: &Path) -> Result<Option<u8>, CliError> {
    let Ok((_folder, address)) = address(workspace) else { return Ok(None) };
    // A socket that nobody listens at was left by a server that was killed.
    let Ok(stream) = UnixStream::connect(address).await else { return Ok(None) };
    let gone = || CliError::io("the running server did not answer");
    let (from, mut to) = stream.into_split();
    let request = Request {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        arguments: arguments()?,
        folder: std::env::current_dir().map_err(CliError::io("the present folder is gone"))?,
        width: columns(io::stdout().is_terminal()),
    };
    let mut line = serde_json::to_vec(&request).unwrap_or_default();
    line.push(b'\n');
    to.write_all(&line).await.map_err(gone())?;
    let mut lines = BufReader::new(from).lines();
    while let Some(line) = lines.next_line().await.map_err(gone())? {
        match serde_json::from_str(&line) {
            Ok(Frame::Out(text)) => io::stdout().write_all(text.as_bytes())?,
            Ok(Frame::Error(text)) => io::stderr().write_all(text.as_bytes())?,
            Ok(Frame::Exit(code)) => return Ok(Some(code)),
            Err(error) => return Err(gone()(error.into())),
        }
    }
    Err(gone()(io::ErrorKind::UnexpectedEof.into()))
}

/// The command line, whose parts must be text to travel.
fn arguments() -> Result<Vec<String>, CliError> {
    let text = |part: std::ffi::OsString| {
        let not_text = || io::Error::new(io::ErrorKind::InvalidInput, "it is not UTF-8");
        part.into_string().map_err(|_| CliError::io("a part of the command line")(not_text()))
    };
    std::env::args_os().skip(1).map(text).collect()
}
