//! Buckets as feeds, against a real server that speaks S3.

use std::net::TcpListener;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use object_store::ObjectStoreExt as _;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;

use super::cli::{Bench, text};
use super::pypi::MOTO;
use super::support::PROGRAM;

/// A server with an empty bucket `docs`.
struct S3 {
    child: Child,
    url: String,
    store: AmazonS3,
}

impl Drop for S3 {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl S3 {
    async fn start() -> Option<Self> {
        let program = MOTO.program("moto_server")?;
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(program);
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let url = format!("http://127.0.0.1:{port}");
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut made = false;
        for _ in 0..300 {
            let answer = client.put(format!("{url}/docs")).send().await;
            made = answer.is_ok_and(|answer| answer.status().is_success());
            if made {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert!(made, "the server did not start");
        let store = AmazonS3Builder::new()
            .with_bucket_name("docs")
            .with_endpoint(&url)
            .with_region("us-east-1")
            .with_access_key_id("id")
            .with_secret_access_key("secret")
            .with_allow_http(true)
            .build()
            .unwrap();
        Some(Self { child, url, store })
    }

    async fn put(&self, key: &str, content: impl Into<Vec<u8>>) {
        let content: Vec<u8> = content.into();
        self.store.put(&Path::parse(key).unwrap(), content.into()).await.unwrap();
    }

    async fn delete(&self, key: &str) {
        self.store.delete(&Path::parse(key).unwrap()).await.unwrap();
    }
}

fn configure(bench: &Bench, endpoint: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let settings = bench.workspace().join("alnage.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    let text =
        text.split("[buckets.docs]\nurl = \"s3://docs\"\nendpoint").next().unwrap().to_owned();
    let bucket = format!(
        "[buckets.docs]\nurl = \"s3://docs\"\nendpoint = \"{endpoint}\"\nregion = \"us-east-1\"\n\
         credentials_file = \"keys/docs.toml\"\n"
    );
    std::fs::write(&settings, text + &bucket).unwrap();
    let secrets = bench.workspace().join("keys/docs.toml");
    std::fs::write(&secrets, "access_key_id = \"id\"\nsecret_access_key = \"secret\"\n").unwrap();
    std::fs::set_permissions(&secrets, std::fs::Permissions::from_mode(0o600)).unwrap();
    let directory = "[users.mara]\ngroups = [\"people\"]\nclearance = \"restricted\"\n";
    std::fs::write(bench.workspace().join("directory.toml"), directory).unwrap();
}

/// Off the runtime's threads, which serve the proxy.
async fn run(bench: &Bench, arguments: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    // A proxy of the environment must not be asked.
    command.env("HTTP_PROXY", "http://127.0.0.1:1").env("http_proxy", "http://127.0.0.1:1");
    command.arg("-w").arg(bench.workspace()).args(arguments);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_of_a_bucket_are_taken_in_with_their_readers_and_pruned_when_they_are_gone() {
    let Some(s3) = S3::start().await else { return };
    let bench = Bench::new();
    configure(&bench, &s3.url);
    for number in 0..8 {
        s3.put(&format!("in/{number}.txt"), format!("Report {number} on walruses.")).await;
    }
    s3.put("in/hr/b \u{fc}.txt", "The bands have numbers.").await;
    s3.put("in/.alnage-access.toml", "[[rule]]\npath = \"hr/**\"\nreaders = [\"group:people\"]\n")
        .await;
    s3.put("in/open.txt", "The party has balloons.").await;
    s3.put("in/open.txt.alnage.toml", "readers = []\n").await;
    s3.put("in/.git/config.txt", "The dotted text has plums.").await;
    s3.put("input.txt", "The outer text has cherries.").await;
    let output = run(&bench, &["ingest", "s3://docs/in", "--prune"]).await;
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}{}", text(&output.stderr));
    assert_eq!(bench.answers("mara", "numbers"), ["The bands have numbers."]);
    assert_eq!(bench.answers("bob", "numbers"), Vec::<String>::new());
    assert_eq!(bench.answers("mara", "balloons"), Vec::<String>::new());
    assert_eq!(bench.answers("bob", "plums cherries"), Vec::<String>::new());
    let answer = bench.said(0, &["retrieve", "numbers", "--as", "mara"]);
    assert!(answer.contains("s3://docs/in/hr/b%20%C3%BC.txt"), "{answer}");

    let again = run(&bench, &["ingest", "s3://docs/in", "--format", "json"]).await;
    let lines = super::cli::json_lines(&again);
    assert_eq!(lines.len(), 10);
    assert!(lines.iter().all(|line| line["known"] == true), "{lines:?}");
    s3.delete("in/0.txt").await;
    let output = run(&bench, &["ingest", "s3://docs/in", "--prune"]).await;
    assert!(
        text(&output.stdout).contains("removed  s3://docs/in/0.txt"),
        "{}",
        text(&output.stdout)
    );
    let one = run(&bench, &["ingest", "s3://docs/in/1.txt", "--prune", "--force"]).await;
    assert_eq!(one.status.code(), Some(0), "{}", text(&one.stdout));
    assert!(!text(&one.stdout).contains("removed"), "an object that is there counted as gone");
    let unknown = bench.said(1, &["ingest", "s3://other"]);
    assert!(unknown.contains("[buckets.NAME]"), "{unknown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_above_the_bound_is_left_out_unread() {
    let Some(s3) = S3::start().await else { return };
    let bench = Bench::new();
    configure(&bench, &s3.url);
    s3.put("huge.txt", vec![b'a'; (64 << 20) + 1]).await;
    s3.put("small.txt", "Whales are mammals.").await;
    let output = run(&bench, &["ingest", "s3://docs"]).await;
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(40), "{said}");
    assert!(said.contains("the limit is 67108864"), "{said}");
    assert_eq!(bench.answers("bob", "whales").len(), 1);
}

/// Passes everything on, three names a page; and fails from the second page on when it is told to.
struct Proxy {
    upstream: String,
    client: reqwest::Client,
    breaks: AtomicBool,
    /// Whether access files are not given out.
    hides: AtomicBool,
    pages: std::sync::atomic::AtomicUsize,
}

impl Proxy {
    async fn start(s3: &S3) -> (Arc<Self>, String) {
        let proxy = Arc::new(Self {
            upstream: s3.url.clone(),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            breaks: AtomicBool::new(false),
            hides: AtomicBool::new(false),
            pages: Default::default(),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(pass).with_state(Arc::clone(&proxy));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (proxy, url)
    }
}

async fn pass(State(proxy): State<Arc<Proxy>>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let mut path = head.uri.to_string();
    let refused = || Response::builder().status(StatusCode::FORBIDDEN).body(Body::empty()).unwrap();
    if path.contains(".alnage") && proxy.hides.load(Ordering::Relaxed) {
        return refused();
    }
    if path.contains("list-type=2") {
        proxy.pages.fetch_add(1, Ordering::Relaxed);
        if path.contains("continuation-token") && proxy.breaks.load(Ordering::Relaxed) {
            return refused();
        }
        path.push_str("&max-keys=3");
    }
    let body = to_bytes(body, 1 << 30).await.unwrap();
    let url = format!("{}{path}", proxy.upstream);
    let mut request = proxy.client.request(head.method, url).body(body);
    for (name, value) in head.headers.iter().filter(|(name, _)| *name != "host") {
        request = request.header(name, value);
    }
    let answer = request.send().await.unwrap();
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers().iter().filter(|(name, _)| *name != "transfer-encoding") {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.bytes().await.unwrap())).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_that_breaks_off_is_told_and_nothing_counts_as_gone() {
    let Some(s3) = S3::start().await else { return };
    let (proxy, url) = Proxy::start(&s3).await;
    let bench = Bench::new();
    configure(&bench, &url);
    for number in 0..8 {
        s3.put(&format!("{number}.txt"), format!("Report {number} on walruses.")).await;
    }
    let whole = run(&bench, &["ingest", "s3://docs"]).await;
    assert_eq!(whole.status.code(), Some(0), "{}", text(&whole.stdout));
    assert_eq!(proxy.pages.load(Ordering::Relaxed), 3, "the listing came in pages");
    proxy.breaks.store(true, Ordering::Relaxed);
    let broken = run(&bench, &["ingest", "s3://docs", "--prune", "--force"]).await;
    let said = text(&broken.stdout);
    assert_eq!(broken.status.code(), Some(40), "{said}");
    assert!(said.contains("the listing broke off") && !said.contains("removed"), "{said}");
    assert!(bench.said(0, &["verify"]).contains("8 stamps hold"));
}

#[tokio::test(flavor = "multi_thread")]
async fn access_files_of_names_that_are_not_plain_are_found() {
    let Some(s3) = S3::start().await else { return };
    let bench = Bench::new();
    configure(&bench, &s3.url);
    s3.put("hr/Geh\u{e4}lter.txt", "The bands have numbers.").await;
    s3.put("hr/Geh\u{e4}lter.txt.alnage.toml", "readers = []\n").await;
    s3.put("hr#1/[a] %20.txt", "The vote has abstentions.").await;
    s3.put("hr#1/.alnage-access.toml", "[[rule]]\npath = \"*\"\nreaders = []\n").await;
    let output = run(&bench, &["ingest", "s3://docs", "--format", "json"]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert_eq!(super::cli::json_lines(&output).len(), 2);
    assert_eq!(bench.answers("mara", "numbers abstentions"), Vec::<String>::new());
    for place in ["s3://docs/hr#1", "s3://docs/hr/Geh\u{e4}lter.txt"] {
        let output = run(&bench, &["ingest", place, "--format", "json"]).await;
        let lines = super::cli::json_lines(&output);
        assert_eq!((lines.len(), &lines[0]["known"]), (1, &true.into()), "{lines:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_file_that_does_not_come_today_leaves_its_document_as_it_was() {
    let Some(s3) = S3::start().await else { return };
    let (proxy, url) = Proxy::start(&s3).await;
    let bench = Bench::new();
    configure(&bench, &url);
    s3.put("a.txt", "The first text has apples.").await;
    s3.put("a.txt.alnage.toml", "readers = [\"group:people\"]\n").await;
    assert_eq!(run(&bench, &["ingest", "s3://docs"]).await.status.code(), Some(0));
    s3.put("a.txt", "The second text has pears.").await;
    s3.put("b.txt", "The new text has plums.").await;
    proxy.hides.store(true, Ordering::Relaxed);
    let output = run(&bench, &["ingest", "s3://docs"]).await;
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(40), "{said}");
    assert!(said.contains("left out") && said.contains("cannot be read now"), "{said}");
    assert_eq!(bench.answers("mara", "apples"), ["The first text has apples."]);
    for word in ["pears", "plums"] {
        let found = bench.answers("mara", word);
        assert!(!found.iter().any(|text| text.contains(word)), "{found:?}");
    }
    proxy.hides.store(false, Ordering::Relaxed);
    assert_eq!(run(&bench, &["ingest", "s3://docs"]).await.status.code(), Some(0));
    assert_eq!(bench.answers("mara", "pears plums").len(), 2);
    assert_eq!(bench.answers("bob", "pears plums"), ["The new text has plums."]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marker_of_a_folder_is_no_document_and_hides_nothing_below_it() {
    let Some(s3) = S3::start().await else { return };
    let bench = Bench::new();
    configure(&bench, &s3.url);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let marker = client.put(format!("{}/docs/hr/", s3.url)).send().await.unwrap();
    assert!(marker.status().is_success());
    for number in 0..8 {
        s3.put(&format!("hr/{number}.txt"), format!("Report {number} on walruses.")).await;
    }
    s3.put("hr", "The file beside the folder has plums.").await;
    let output = run(&bench, &["ingest", "s3://docs"]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    s3.delete("hr/0.txt").await;
    s3.delete("hr").await;
    let output = run(&bench, &["ingest", "s3://docs", "--prune", "--force"]).await;
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("removed  s3://docs/hr/0.txt"), "{said}");
    assert!(said.contains("removed  s3://docs/hr\n"), "{said}");
}
