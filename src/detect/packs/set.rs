//! Every detector that runs: those that are shipped, and the packs of users. Made once, then only read.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock};

use super::about::{About, Example};
use super::assemble::{Assembled, Pack, assemble, mistake};
use super::read::{PackFile, read};
use super::{examples, shipped};
use crate::detect::engine::{Engine, Rule, Subject, finish, shown_text, spellings};
use crate::detect::{DETECT_VERSION, FAILED, Neighbour};
use crate::domain::digest::Digest;
use crate::domain::document::Document;
use crate::domain::finding::{Finding, draw_safely};
use crate::domain::limits::{RULE_FILES_MAX, RULE_WORDS_BYTES_MAX, RULES_MAX};
use crate::domain::toml_file::{Mistake, Mistakes};

/// A set of detectors. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Detectors(Arc<Set>);

#[derive(Debug)]
pub(super) struct Set {
    detectors: Vec<Detector>,
    engine: Engine,
    digest: Digest,
}

/// One of them.
#[derive(Debug, Clone)]
pub(super) struct Detector {
    pub about: About,
    pub rules: Vec<Arc<Rule>>,
    pub scan: Scan,
}

/// What a detector makes of a document.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scan {
    /// What its code finds.
    Code(fn(&Subject<'_>) -> Vec<Finding>),
    /// What its rules find, and what code makes of that.
    Rules(fn(&Subject<'_>, &About) -> Vec<Finding>),
    /// Nothing, and that it failed: its shipped pack has a mistake, which the tests would have told.
    Broken,
}

impl Detectors {
    /// Those that are shipped; their rules compile once.
    pub fn shipped() -> Self {
        static SHIPPED: LazyLock<Detectors> =
            LazyLock::new(|| Detectors::of(shipped::detectors(shipped::FILES)));
        SHIPPED.clone()
    }

    /// Those, and the packs of these files. No pack may have an id that is `taken`, or ours.
    pub fn with_packs(files: &[PackFile<'_>], taken: &[&str]) -> Result<Self, Mistakes> {
        let shipped = Self::shipped();
        if files.is_empty() {
            return Ok(shipped);
        }
        let mut written = Vec::new();
        let mut mistakes = Vec::new();
        for file in files.iter().take(RULE_FILES_MAX) {
            match read(file, shipped::classes()) {
                Ok(file) => written.push(file),
                Err(told) => mistakes.extend(told.0),
            }
        }
        if let Some(file) = files.get(RULE_FILES_MAX) {
            let message = format!("there are {} files of rules", files.len());
            let help = format!("use at most {RULE_FILES_MAX}");
            mistakes.push(mistake(file.name, 1, message, &help));
        }
        let Assembled { packs, disable, mistakes: between } = assemble(written);
        mistakes.extend(between);
        let ours: BTreeSet<&str> = shipped.ids().chain(taken.iter().copied()).collect();
        mistakes.extend(packs.iter().filter_map(|pack| claims(pack, &ours)));
        let (off, unknown) = shipped.switched_off(&disable);
        mistakes.extend(unknown);
        let mut detectors = shipped.0.detectors.clone();
        for detector in &mut detectors {
            let id = &detector.about.id;
            detector.rules.retain(|rule| !off.contains(&(id, rule.name.as_str())));
        }
        let own = detectors.len();
        detectors.extend(packs.into_iter().map(Detector::from));
        if let Some(mistake) = past_bounds(&detectors) {
            mistakes.push(mistake);
            return Err(Mistakes(mistakes));
        }
        let set = Self::of(detectors);
        let tried = set.0.detectors.iter().skip(own);
        mistakes.extend(tried.flat_map(|detector| examples::mistakes(&set.0, detector)));
        mistakes.sort_by(|one, two| (&one.file, one.line).cmp(&(&two.file, two.line)));
        if mistakes.is_empty() { Ok(set) } else { Err(Mistakes(mistakes)) }
    }

    pub(super) fn of(detectors: Vec<Detector>) -> Self {
        let rules = detectors.iter().flat_map(|detector| detector.rules.iter().map(Arc::clone));
        let engine = Engine::new(rules.collect());
        let digest = digest(&detectors);
        Self(Arc::new(Set { detectors, engine, digest }))
    }

    /// Runs every detector over every reading of a document.
    pub fn scan(&self, document: &Document, neighbours: &[Neighbour]) -> Vec<Finding> {
        let set = &self.0;
        let prepare = || Subject::new(document, neighbours, &set.engine);
        let Ok(subject) = catch_unwind(AssertUnwindSafe(prepare)) else {
            return vec![failure("the document could not be prepared")];
        };
        let findings =
            set.detectors.iter().flat_map(|detector| set.run(detector, &subject)).collect();
        catch_unwind(AssertUnwindSafe(|| finish(document, findings)))
            .unwrap_or_else(|_| vec![failure("the findings could not be put together")])
    }

    /// The same for a text that stands alone, such as a chunk's: one shown paragraph.
    pub fn scan_text(&self, text: &str) -> Vec<Finding> {
        self.scan(&shown_text(text), &[])
    }

    /// Changes whenever any detector could find something else.
    pub fn rules_digest(&self) -> Digest {
        self.0.digest
    }

    /// What every possible finding means, with examples of the detector's rules; the failure of a
    /// detector comes last.
    pub fn describe(&self) -> impl Iterator<Item = (About, Vec<Example>)> {
        let described = self.0.detectors.iter().map(|detector| {
            let examples = detector.rules.iter().map(|rule| Example::of(rule));
            (detector.about.clone(), examples.collect())
        });
        described.chain([(About::from(&FAILED), Vec::new())])
    }

    #[cfg(test)]
    pub(super) fn set(&self) -> &Set {
        &self.0
    }

    #[cfg(test)]
    pub(super) fn detectors(&self) -> &[Detector] {
        &self.0.detectors
    }

    #[cfg(test)]
    pub(super) fn words_bytes(&self) -> usize {
        words_bytes(&self.0.detectors)
    }

    fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.detectors.iter().map(|detector| &*detector.about.id).chain([FAILED.id])
    }

    /// The rules that files switch off, and what they name that there is not.
    fn switched_off<'a>(
        &self,
        disable: &'a [(Arc<str>, usize, String)],
    ) -> (BTreeSet<(&'a str, &'a str)>, Vec<Mistake>) {
        let mut off = BTreeSet::new();
        let mut unknown = Vec::new();
        for (file, line, name) in disable {
            let named = name.split_once('/').filter(|(id, rule)| {
                self.0.detectors.iter().any(|detector| {
                    detector.about.id == *id && detector.rules.iter().any(|one| one.name == *rule)
                })
            });
            match named {
                Some(pair) => {
                    off.insert(pair);
                }
                None => {
                    let message = format!("there is no shipped rule `{}`", draw_safely(name));
                    let help = "write `detector/rule`; `alnage explain DETECTOR` names its rules";
                    unknown.push(mistake(file, *line, message, help));
                }
            }
        }
        (off, unknown)
    }
}

impl Set {
    pub(super) const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// One detector; whatever happens inside it, it answers.
    pub(super) fn run(&self, detector: &Detector, subject: &Subject<'_>) -> Vec<Finding> {
        let id = &detector.about.id;
        let scan = || match detector.scan {
            Scan::Code(scan) => Some(scan(subject)),
            Scan::Rules(scan) if self.engine.is_whole() => Some(scan(subject, &detector.about)),
            Scan::Rules(_) | Scan::Broken => None,
        };
        match catch_unwind(AssertUnwindSafe(scan)) {
            Ok(Some(findings)) => findings,
            Ok(None) => vec![failure(&format!("the rules of {id} cannot run"))],
            Err(_) => vec![failure(&format!("{id} did not finish"))],
        }
    }
}

impl From<Pack> for Detector {
    fn from(Pack { about, rules, .. }: Pack) -> Self {
        Self { about, rules, scan: Scan::Rules(|subject, about| subject.findings(about)) }
    }
}

fn failure(note: &str) -> Finding {
    Subject::whole(&FAILED, FAILED.severity, 100, note)
}

/// A pack that calls itself as something of ours does.
fn claims(pack: &Pack, ours: &BTreeSet<&str>) -> Option<Mistake> {
    let id = &*pack.about.id;
    let message = format!("`{id}` is one of Alnage's own ids");
    let help = "begin ids with a name of yours: `acme-codenames`";
    ours.contains(id).then(|| mistake(&pack.file, pack.line, message, help))
}

/// More rules or words than one pass can look for.
fn past_bounds(detectors: &[Detector]) -> Option<Mistake> {
    let rules = || detectors.iter().flat_map(|detector| &detector.rules);
    let last = rules().last()?;
    let told = |what: String, limit: usize| {
        let help = format!("use at most {limit} in all, the shipped ones with them");
        Some(mistake(&last.file, 1, what, &help))
    };
    let count = rules().count();
    if count > RULES_MAX {
        return told(format!("there are {count} rules"), RULES_MAX);
    }
    let bytes = words_bytes(detectors);
    if bytes > RULE_WORDS_BYTES_MAX {
        return told(format!("the words of all rules have {bytes} bytes"), RULE_WORDS_BYTES_MAX);
    }
    None
}

fn words_bytes(detectors: &[Detector]) -> usize {
    let rules = detectors.iter().flat_map(|detector| &detector.rules);
    let words = rules.flat_map(|rule| rule.when.iter().chain(&rule.with));
    words.flat_map(|word| spellings(word)).map(|word| word.len()).sum()
}

fn digest(detectors: &[Detector]) -> Digest {
    let mut parts = vec![DETECT_VERSION.to_owned()];
    for Detector { about, rules, .. } in detectors {
        parts.extend([about.id.to_string(), about.severity.name().to_owned()]);
        parts.extend(rules.iter().flat_map(|rule| rule.parts()));
    }
    Digest::of_parts(parts.iter().map(String::as_bytes))
}
