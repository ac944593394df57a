//! What applications in Python do, with the real clients.

use std::path::Path;
use std::process::Command;

use super::super::cli::text;
use super::super::pypi::CLIENTS;
use super::Server;

/// Runs a script in this folder; what it printed.
fn python(server: &Server, key: &str, script: &str, folder: &Path) -> Option<String> {
    let program = CLIENTS.program("python")?;
    let output = Command::new(program)
        .args(["-c", script])
        .current_dir(folder)
        .env("ALNAGE_URL", format!("http://{}", server.address))
        .env("ALNAGE_KEY", key)
        .env("NO_PROXY", "*")
        .env("PYTHONPATH", concat!(env!("CARGO_MANIFEST_DIR"), "/src/manual"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    Some(text(&output.stdout))
}

/// The lines of the README between this line and the end of its block.
fn readme(after: &str) -> String {
    let readme = include_str!("../../../README.md");
    let rest = readme.split_once(after).unwrap().1;
    rest.split_once("```python\n").unwrap().1.split_once("```").unwrap().0.to_owned()
}

#[test]
fn the_three_lines_of_the_readme_take_a_document_in() {
    let lines = readme("Python in three lines");
    assert_eq!(lines.lines().count(), 3);
    let server = Server::start();
    let key = server.key("ingest,retrieve", &["--behalf", "delegate"]);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("policy.txt"), "Refunds are paid within two weeks.").unwrap();
    let lines = lines.replace("http://127.0.0.1:8080", &format!("http://{}", server.address));
    let lines = lines.replace("policy.pdf", "policy.txt");
    let (head, last) = lines.trim_end().rsplit_once('\n').unwrap();
    let script = format!("import os; key = os.environ['ALNAGE_KEY']\n{head}\nprint({last})");
    let Some(said) = python(&server, &key, &script, folder.path()) else { return };
    assert_eq!(said, "serving\n");
    assert_eq!(server.ask(&key, Some("bob"), "refunds"), ["Refunds are paid within two weeks."]);
}

#[test]
fn the_langchain_retriever_gives_a_user_what_that_user_may_read() {
    let class = include_str!("../../../src/manual/alnage_langchain.py");
    assert!(class.lines().count() <= 40, "the class is to fit on a screen");
    let server = Server::start();
    let key = server.key("ingest,retrieve", &["--behalf", "delegate"]);
    let metadata = [("metadata", r#"{"team": "sea"}"#)];
    server.upload(&key, "all.txt", "Whales are mammals.", &metadata).expect(201);
    let access = [("access", r#"{"allow": ["user:mara"]}"#)];
    server.upload(&key, "mara.txt", "Whales cost much.", &access).expect(201);
    let script = "
import asyncio, os
from alnage_langchain import AlnageRetriever
def retriever(**more):
    return AlnageRetriever(url=os.environ['ALNAGE_URL'], key=os.environ['ALNAGE_KEY'], **more)
texts = lambda found: sorted(document.page_content for document in found)
print(texts(retriever(user='mara').invoke('whales')))
print(texts(asyncio.run(retriever(user='bob').ainvoke('whales'))))
wanted = {'must': [{'key': 'team', 'match': {'value': 'sea'}}]}
one, = retriever(user='mara', filter=wanted, k=3).invoke('whales')
print(one.metadata['team'], one.metadata['uri'], len(one.id))
assert os.environ['ALNAGE_KEY'] not in repr(retriever())
try:
    retriever(k=0).invoke('whales')
except Exception as error:
    print(type(error).__name__)
";
    let folder = tempfile::tempdir().unwrap();
    let Some(said) = python(&server, &key, script, folder.path()) else { return };
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "['Whales are mammals.', 'Whales cost much.']");
    assert_eq!(lines[1], "['Whales are mammals.']");
    assert!(lines[2].starts_with("sea all.txt "), "{said}");
    assert_eq!(lines[3], "HTTPStatusError");
}
