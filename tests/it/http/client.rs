//! A running `alnage serve`, and a client that can also say what no proper client would.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::super::cli::Bench;
use super::super::support::PROGRAM;
pub(in super::super) use super::super::support::form;

/// A server on a workspace, killed when this is dropped.
pub(in super::super) struct Server {
    pub(in super::super) bench: Bench,
    pub(in super::super) address: String,
    pub(in super::super) child: Child,
}

/// What came back.
#[derive(Debug)]
pub(in super::super) struct Answer {
    pub(in super::super) status: u16,
    pub(in super::super) head: String,
    pub(in super::super) body: Vec<u8>,
}

impl Answer {
    pub(in super::super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&self.body)))
    }

    /// The answer, which must have this status.
    pub(in super::super) fn expect(self, status: u16) -> Value {
        let text = String::from_utf8_lossy(&self.body).into_owned();
        assert_eq!(self.status, status, "{text}");
        if self.body.is_empty() { Value::Null } else { self.json() }
    }

    pub(in super::super) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl Server {
    pub(in super::super) fn start() -> Self {
        Self::on(Bench::new())
    }

    pub(in super::super) fn on(bench: Bench) -> Self {
        let mut child = Command::new(PROGRAM)
            .arg("-w")
            .arg(bench.workspace())
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).unwrap().split(',').next().unwrap().to_owned();
        Self { bench, address, child }
    }

    /// A new key; `more` as on the command line.
    pub(in super::super) fn key(&self, roles: &str, more: &[&str]) -> String {
        let mut arguments = vec!["key", "create", "app", "--role", roles];
        arguments.extend(more);
        self.bench.said(0, &arguments).lines().next().unwrap().to_owned()
    }

    /// Bytes to the server and everything that comes back.
    pub(in super::super) fn raw(&self, bytes: &[u8]) -> Option<Answer> {
        exchange(&self.address, bytes)
    }

    pub(in super::super) fn send(
        &self,
        key: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        self.raw(&request(&self.address, key, method, path, headers, body)).unwrap()
    }

    pub(in super::super) fn get(&self, key: &str, path: &str) -> Answer {
        self.send(key, "GET", path, &[], b"")
    }

    pub(in super::super) fn json(
        &self,
        key: &str,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Answer {
        let body = body.to_string();
        self.send(key, method, path, &[("content-type", "application/json")], body.as_bytes())
    }

    /// A document with form fields beside it.
    pub(in super::super) fn upload(
        &self,
        key: &str,
        name: &str,
        content: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let (kind, body) = form(name, content.as_bytes(), fields);
        self.send(key, "POST", "/v1/documents", &[("content-type", &kind)], &body)
    }

    /// Texts of the passages that answer this.
    pub(in super::super) fn ask(&self, key: &str, user: Option<&str>, text: &str) -> Vec<String> {
        let body = serde_json::json!({ "text": text, "k": 20 }).to_string();
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(user.map(|user| ("alnage-user", user)));
        let answer = self.send(key, "POST", "/v1/retrieve", &headers, body.as_bytes()).expect(200);
        let passages = answer["passages"].as_array().unwrap().iter();
        passages.map(|passage| passage["text"].as_str().unwrap().to_owned()).collect()
    }

    pub(in super::super) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Ends it as an operator would; the workspace stays.
    pub(in super::super) fn end(mut self) -> Bench {
        self.signal("TERM");
        assert!(self.child.wait().unwrap().success());
        std::mem::replace(&mut self.bench, Bench { folder: tempfile::tempdir().unwrap() })
    }

    /// Kills it; the workspace stays.
    pub(in super::super) fn kill(mut self) -> Bench {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::mem::replace(&mut self.bench, Bench { folder: tempfile::tempdir().unwrap() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(in super::super) fn request(
    address: &str,
    key: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    if !key.is_empty() {
        head.push_str(&format!("authorization: Bearer {key}\r\n"));
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    [head.as_bytes(), body].concat()
}

/// `None` when the connection broke before an answer.
pub(in super::super) fn exchange(address: &str, bytes: &[u8]) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    // A server that has seen enough may close before it has read all.
    let _ = stream.write_all(bytes);
    let mut all = Vec::new();
    let _ = stream.read_to_end(&mut all);
    let end = all.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&all[..end]).to_ascii_lowercase();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let body = all[end + 4..].to_vec();
    let body = if head.contains("transfer-encoding: chunked") { unchunked(&body) } else { body };
    Some(Answer { status, head, body })
}

fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = body.windows(2).position(|two| two == b"\r\n") {
        let length = usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap(), 16).unwrap();
        whole.extend(&body[end + 2..end + 2 + length]);
        body = &body[end + 4 + length..];
        if length == 0 {
            break;
        }
    }
    whole
}
