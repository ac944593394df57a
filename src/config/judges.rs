//! `[judge]` of `alnage.toml` → who is asked about the grey zone, every mistake at once.

use std::path::PathBuf;

use reqwest::Url;

use crate::domain::access::Label;
use crate::domain::grey::{Bounds, GreyZone, Probability};
use crate::domain::limits::{
    JUDGE_BYTES_PER_HOUR_MAX, JUDGE_CALLS_PER_HOUR_MAX, JUDGE_CONCURRENT_MAX, JUDGE_LABELS_MAX,
    JUDGE_MS_MAX, JUDGE_RETRIES_MAX, JUDGE_THREADS_MAX, JUDGE_TIME_OUT_MS_MAX,
};
use crate::domain::toml_file::Section;

use super::embedders::{self, KeyPlace};

const LOCAL_KEYS: [&str; 6] = ["dir", "positive", "threshold", "clear", "threads", "time_out_ms"];
const REMOTE_KEYS: [&str; 15] = [
    "kind",
    "url",
    "model",
    "positive",
    "threshold",
    "clear",
    "key_env",
    "key_file",
    "label_max",
    "time_out_ms",
    "retries",
    "concurrent",
    "calls_per_hour_max",
    "bytes_per_hour_max",
    "ca_file",
];
/// Risks that are asked about where nobody says otherwise: from the middle of `medium` to that of `high`.
const GREY: (f64, f64) = (0.35, 0.75);
/// What answers have to reach where nobody says otherwise.
const CLEAR: f64 = 0.1;
const THRESHOLD: f64 = 0.9;

/// Who is asked, and about what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgeSettings {
    /// Risks that are asked about.
    pub zone: GreyZone,
    /// A model on this machine, asked first.
    pub local: Option<LocalJudge>,
    /// A server.
    pub remote: Option<RemoteJudge>,
}

/// A classifier in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalJudge {
    /// Where it lies; relative to the workspace.
    pub folder: PathBuf,
    /// Labels that count as an injection.
    pub positive: Vec<String>,
    /// When its answers count.
    pub bounds: Bounds,
    /// Threads that compute.
    pub threads: u64,
    /// Time for the passages of one document.
    pub time_out_ms: u64,
}

/// A judge on a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteJudge {
    /// What it is.
    pub kind: RemoteKind,
    /// Where it is.
    pub url: Url,
    /// The model's name.
    pub model: String,
    /// When its answers count.
    pub bounds: Bounds,
    /// Where its key is.
    pub key: KeyPlace,
    /// The highest label of a document whose passages may be sent.
    pub label_max: Label,
    /// Wait for one answer.
    pub time_out_ms: u64,
    /// Tries after the first.
    pub retries: u64,
    /// Calls at once.
    pub concurrent: u64,
    /// Calls in an hour.
    pub calls_per_hour_max: u64,
    /// Bytes in an hour.
    pub bytes_per_hour_max: u64,
    /// Certificates to trust in place of the system's.
    pub ca_file: Option<PathBuf>,
}

/// What kind of server a judge is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemoteKind {
    /// A chat model as OpenAI's.
    OpenAiChat,
    /// A classifier as Hugging Face's.
    TextClassification {
        /// Labels that count as an injection.
        positive: Vec<String>,
    },
}

/// Reads the table `judge`; nobody is asked without it.
pub fn parse(root: &Section<'_>) -> Option<JudgeSettings> {
    let Some(table) = root.section("judge") else {
        let (from, to) = (Probability::new(GREY.0)?, Probability::new(GREY.1)?);
        return Some(JudgeSettings { zone: GreyZone { from, to }, local: None, remote: None });
    };
    table.only(&["grey", "local", "remote"]);
    let zone = zone(&table);
    let local = table.section("local").map(|fields| local(&fields));
    let remote = table.section("remote").map(|fields| remote(&fields));
    let given = |key: &str| table.keys().contains(&key);
    if !given("local") && !given("remote") {
        table.mistake(
            "grey",
            "`[judge]` names no judge",
            "add `[judge.local]` or `[judge.remote]`",
        );
    }
    Some(JudgeSettings {
        zone: zone?,
        local: local.map_or(Some(None), |local| local.map(Some))?,
        remote: remote.map_or(Some(None), |remote| remote.map(Some))?,
    })
}

fn zone(table: &Section<'_>) -> Option<GreyZone> {
    let (from, to) = match table.keys().contains(&"grey") {
        true => table.pair("grey")?,
        false => GREY,
    };
    let zone = Probability::new(from).zip(Probability::new(to)).filter(|(from, to)| from <= to);
    if zone.is_none() {
        table.mistake("grey", "`grey` is no range", "use two numbers from 0 to 1, the lower first");
    }
    zone.map(|(from, to)| GreyZone { from, to })
}

fn local(fields: &Section<'_>) -> Option<LocalJudge> {
    fields.only(&LOCAL_KEYS);
    let folder = fields.required("dir").map(PathBuf::from);
    let positive = positive(fields);
    let bounds = bounds(fields);
    let threads = number(fields, "threads", 2, 1, JUDGE_THREADS_MAX);
    let time_out_ms = number(fields, "time_out_ms", 60_000, 1, JUDGE_MS_MAX);
    Some(LocalJudge {
        folder: folder?,
        positive: positive?,
        bounds: bounds?,
        threads: threads?,
        time_out_ms: time_out_ms?,
    })
}

fn remote(fields: &Section<'_>) -> Option<RemoteJudge> {
    fields.only(&REMOTE_KEYS);
    fields.required("kind");
    let kinds = [("openai-chat", false), ("text-classification", true)];
    let kind = match fields.one_of("kind", &kinds) {
        Some(true) => positive(fields).map(|positive| RemoteKind::TextClassification { positive }),
        Some(false) => {
            if fields.keys().contains(&"positive") {
                fields.mistake("positive", "`positive` is for `text-classification` alone", "");
            }
            Some(RemoteKind::OpenAiChat)
        }
        None => None,
    };
    let url = fields.required("url").and_then(|text| embedders::url(fields, "url", text));
    let model = fields.required("model").filter(|model| {
        let fits = !model.is_empty() && model.len() <= 256 && !model.contains(char::is_control);
        if !fits {
            fields.mistake("model", "`model` is no name of a model", "");
        }
        fits
    });
    // Two decisions that nobody can take for the administrator: who may read what, and what it may cost.
    for (key, help) in [
        (
            "label_max",
            "say up to which label passages may be sent to this server: public, internal, …",
        ),
        ("calls_per_hour_max", "say how many calls an hour may have; past it documents are held"),
    ] {
        if !fields.keys().contains(&key) {
            fields.mistake(key, format!("`{key}` is missing"), help);
        }
    }
    let label_max = fields.parsed("label_max");
    let bounds = bounds(fields);
    let calls = fields.number("calls_per_hour_max", 1..=JUDGE_CALLS_PER_HOUR_MAX);
    let bytes = number(fields, "bytes_per_hour_max", 16 << 20, 1, JUDGE_BYTES_PER_HOUR_MAX);
    let time_out_ms = number(fields, "time_out_ms", 10_000, 1, JUDGE_TIME_OUT_MS_MAX);
    let retries = number(fields, "retries", 2, 0, JUDGE_RETRIES_MAX);
    let concurrent = number(fields, "concurrent", 4, 1, JUDGE_CONCURRENT_MAX);
    Some(RemoteJudge {
        kind: kind?,
        url: url?,
        model: model?.to_owned(),
        bounds: bounds?,
        key: embedders::key(fields, ["key_env", "key_file"]),
        label_max: label_max?,
        time_out_ms: time_out_ms?,
        retries: retries?,
        concurrent: concurrent?,
        calls_per_hour_max: calls?,
        bytes_per_hour_max: bytes?,
        ca_file: fields.text("ca_file").map(PathBuf::from),
    })
}

fn number(fields: &Section<'_>, key: &str, default: u64, least: u64, most: u64) -> Option<u64> {
    if fields.keys().contains(&key) { fields.number(key, least..=most) } else { Some(default) }
}

fn positive(fields: &Section<'_>) -> Option<Vec<String>> {
    let labels: Option<Vec<String>> = fields.list("positive");
    let fits = |labels: &Vec<String>| {
        (1..=JUDGE_LABELS_MAX).contains(&labels.len())
            && labels.iter().all(|label| !label.is_empty())
    };
    if !labels.as_ref().is_some_and(fits) {
        let help = "list the labels that count as an injection, such as [\"INJECTION\"]";
        fields.mistake("positive", "`positive` names no labels", help);
    }
    labels.filter(fits)
}

fn bounds(fields: &Section<'_>) -> Option<Bounds> {
    let share = |key: &str, default: f64| match fields.keys().contains(&key) {
        true => {
            let share = fields.decimal(key).map(Probability::new)?;
            if share.is_none() {
                fields.mistake(
                    key,
                    format!("`{key}` is out of bounds"),
                    "use a number from 0 to 1",
                );
            }
            share
        }
        false => Probability::new(default),
    };
    let (clear, threshold) = (share("clear", CLEAR), share("threshold", THRESHOLD));
    let (clear, threshold) = (clear?, threshold?);
    if clear > threshold {
        fields.mistake("clear", "`clear` is above `threshold`", "");
        return None;
    }
    Some(Bounds { clear, threshold })
}

#[cfg(test)]
mod tests {
    use super::{JudgeSettings, RemoteKind, parse};
    use crate::config::embedders::KeyPlace;
    use crate::domain::access::Label;
    use crate::domain::toml_file::{Mistakes, TomlFile};

    fn read(text: &str) -> Result<JudgeSettings, Mistakes> {
        let file = TomlFile::parse("alnage.toml", text);
        let settings = parse(&file.root());
        file.finish(settings)
    }

    const LOCAL: &str = "[judge.local]\ndir = \"models/guard\"\npositive = [\"INJECTION\"]\n";
    const REMOTE: &str = "[judge.remote]\nkind = \"openai-chat\"\nurl = \"https://example.org/v1\"\n\
                          model = \"m\"\nlabel_max = \"internal\"\ncalls_per_hour_max = 100\n";

    #[test]
    fn nobody_is_asked_unless_it_is_said() {
        let settings = read("").unwrap();
        assert_eq!((settings.local, settings.remote), (None, None));
        assert!(read("[judge]\ngrey = [0.1, 0.2]\n").unwrap_err().to_string().contains("no judge"));
    }

    #[test]
    fn short_sections_get_their_defaults() {
        let settings = read(&format!("{LOCAL}{REMOTE}")).unwrap();
        assert_eq!(settings.zone.from.percent(), 35);
        let (local, remote) = (settings.local.unwrap(), settings.remote.unwrap());
        assert_eq!((local.threads, local.bounds.threshold.percent()), (2, 90));
        assert_eq!((remote.kind, remote.key), (RemoteKind::OpenAiChat, KeyPlace::None));
        assert_eq!((remote.retries, remote.label_max), (2, Label::Internal));
    }

    #[test]
    fn somebody_has_decided_on_the_label_and_the_cost() {
        for line in ["label_max = \"internal\"\n", "calls_per_hour_max = 100\n"] {
            let told = read(&REMOTE.replace(line, "")).unwrap_err().to_string();
            assert!(told.contains("is missing"), "{told}");
        }
    }

    #[test]
    fn a_range_a_bound_and_a_label_are_checked() {
        for (line, fits) in [
            ("grey = [0.2, 0.8]", true),
            ("grey = [0, 1]", true),
            ("grey = [0.8, 0.2]", false),
            ("grey = [0.2, 1.2]", false),
            ("grey = [0.2]", false),
            ("grey = [0.2, 0.3, 0.4]", false),
            ("grey = 0.2", false),
            ("grey = [\"a\", \"b\"]", false),
        ] {
            assert_eq!(read(&format!("[judge]\n{line}\n{LOCAL}")).is_ok(), fits, "{line}");
        }
        for (line, fits) in [
            ("threshold = 0.5\nclear = 0.5", true),
            ("threshold = 1\nclear = 0", true),
            ("threshold = 0.4\nclear = 0.5", false),
            ("threshold = 1.1", false),
            ("clear = -0.1", false),
            ("threads = 0", false),
            ("time_out_ms = 0", false),
        ] {
            assert_eq!(read(&format!("{LOCAL}{line}\n")).is_ok(), fits, "{line}");
        }
        assert!(read(&LOCAL.replace("[\"INJECTION\"]", "[]")).is_err());
        assert!(read(&LOCAL.replace("positive", "# positive")).is_err());
    }

    #[test]
    fn passages_go_in_clear_to_this_machine_alone_and_every_mistake_is_reported() {
        let with = |url: &str| read(&REMOTE.replace("https://example.org/v1", url));
        assert!(with("http://127.0.0.1:9/v1").is_ok());
        assert!(with("http://example.org/v1").is_err());
        assert!(with("https://key@example.org/v1").is_err());
        let text = REMOTE
            .replace("openai-chat", "oracle")
            .replace("= 100", "= 0")
            .replace("\"m\"", "\"\"");
        assert_eq!(read(&text).unwrap_err().0.len(), 3);
        assert!(read(&format!("{REMOTE}key_env = \"A\"\nkey_file = \"b\"\n")).is_err());
        assert!(read(&format!("{REMOTE}positive = [\"A\"]\n")).is_err());
        assert!(
            read(&format!("{REMOTE}secret = \"A\"\n"))
                .unwrap_err()
                .to_string()
                .contains("`secret`")
        );
    }

    #[test]
    fn a_classifier_needs_its_labels() {
        let classifier = REMOTE.replace("openai-chat", "text-classification");
        assert!(read(&classifier).unwrap_err().to_string().contains("`positive`"));
        let settings = read(&format!("{classifier}positive = [\"INJECTION\"]\n")).unwrap();
        let positive = vec!["INJECTION".to_owned()];
        assert_eq!(settings.remote.unwrap().kind, RemoteKind::TextClassification { positive });
    }
}
