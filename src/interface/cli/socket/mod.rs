//! The local socket: while a server has the workspace open, other commands run inside it.
//!
//! A client sends its command line and its folder as one JSON line, and gets lines back: what is printed,
//! what went wrong, and the exit code. The socket is its owner's alone, and the server checks who is
//! at the other end.

mod client;
mod server;

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub(super) use client::forward;
pub(super) use server::listen;

/// The socket's name in its workspace.
const NAME: &str = "alnage.sock";

/// A command line.
#[derive(Debug, Serialize, Deserialize)]
struct Request {
    /// Of the client: another program may mean another thing by the same words.
    version: String,
    /// What came after the program's name.
    arguments: Vec<String>,
    /// Where the client stands: paths are meant from there.
    folder: PathBuf,
    /// Columns of its screen.
    width: u16,
}

/// A line of the answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Frame {
    /// For standard output.
    Out(String),
    /// For standard error.
    Error(String),
    /// The end.
    Exit(u8),
}

/// The address of a workspace's socket. A path may be longer than an address; through the folder's
/// descriptor it is not. The file must stay open while the address is used.
fn address(workspace: &Path) -> io::Result<(File, PathBuf)> {
    let folder = File::open(workspace)?;
    let address = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd())).join(NAME);
    Ok((folder, address))
}
