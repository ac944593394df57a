//! Who may read a document that is taken in: what the command says, narrowed by the access files beside
//! it, within the source.
//!
//! What an access file says wrongly lets nobody in, and is told; what cannot be had today decides nothing. A
//! sidecar of an external source is its writer's; it can take readers away and give none that the source does
//! not give.

use std::collections::BTreeMap;

use crate::adapters::sources::access::Unread;
use crate::config::access_file;
use crate::domain::access::AccessList;
use crate::domain::finding::draw_safely;
use crate::domain::mapping::{self, Rule, nobody, rule_for};
use crate::domain::toml_file::Mistakes;

use super::feed::{At, LeftOut};

/// Decides readers, one run of a source long: rules are read once.
pub(super) struct Readers<'a> {
    source: AccessList,
    asked: &'a (dyn Fn(&At) -> Option<AccessList> + Sync),
    /// By their URI; or what is told of wrong ones after the first time.
    rules: BTreeMap<String, Result<Vec<Rule>, String>>,
}

/// What was decided.
pub(super) struct Decided {
    /// `None`: nobody says anything.
    pub(super) access: Option<AccessList>,
    /// Why nobody is let in, if an access file is wrong.
    pub(super) mistake: Option<String>,
}

impl<'a> Readers<'a> {
    /// Readers of a source with these; `asked` is what the command says of an item.
    pub(super) fn new(
        source: &AccessList,
        asked: &'a (dyn Fn(&At) -> Option<AccessList> + Sync),
    ) -> Self {
        Self { source: source.clone(), asked, rules: BTreeMap::new() }
    }

    /// Reads rules again when they are needed next.
    pub(super) fn forget(&mut self) {
        self.rules.clear();
    }

    /// Who may read what lies here. The error, one clause: that cannot be known today.
    pub(super) async fn of(&mut self, at: &At) -> Result<Decided, String> {
        let asked = (self.asked)(at);
        let said = match self.said(at).await {
            Ok(None) => return Ok(Decided { access: asked, mistake: None }),
            Ok(Some(said)) => said.within(&self.source).map_err(|error| {
                format!("an access file of `{}` goes too far: {error}", at.shown())
            }),
            Err(Unread::Never(mistake)) => Err(mistake),
            Err(Unread::Now(why)) => return Err(why),
        };
        Ok(match said {
            Ok(list) => {
                let access = asked.map_or_else(|| list.clone(), |asked| asked.narrowed_by(&list));
                Decided { access: Some(access), mistake: None }
            }
            Err(mistake) => Decided { access: Some(nobody()), mistake: Some(mistake) },
        })
    }

    async fn said(&mut self, at: &At) -> Result<Option<AccessList>, Unread> {
        let above = at.rules().map_err(Unread::Never)?;
        for (place, _) in &above {
            self.load(place).await?;
        }
        let mut rules = Vec::new();
        for (place, below) in &above {
            if let Some(Ok(of_folder)) = self.rules.get(&place.uri()) {
                rules.extend(rule_for(of_folder, below));
            }
        }
        let sidecar = at.sidecar().map_err(Unread::Never)?;
        let sidecar = read(&sidecar, access_file::sidecar).await?;
        Ok(mapping::readers(&rules, sidecar.as_ref(), &self.source))
    }

    /// Reads rules once. Their mistakes are told in full for one document, and in short for all others.
    async fn load(&mut self, place: &At) -> Result<(), Unread> {
        let uri = place.uri();
        match self.rules.get(&uri) {
            Some(Ok(_)) => return Ok(()),
            Some(Err(short)) => return Err(Unread::Never(short.clone())),
            None => {}
        }
        match read(place, access_file::rules).await {
            Ok(rules) => {
                self.rules.insert(uri, Ok(rules.unwrap_or_default()));
                Ok(())
            }
            Err(Unread::Never(mistake)) => {
                let short = format!("`{}` is wrong, as was told", place.shown());
                self.rules.insert(uri, Err(short));
                Err(Unread::Never(mistake))
            }
            // Asked for again by the next document.
            Err(Unread::Now(why)) => Err(Unread::Now(why)),
        }
    }
}

async fn read<T>(
    place: &At,
    parse: fn(&str, &str) -> Result<T, Mistakes>,
) -> Result<Option<T>, Unread> {
    let name = place.shown();
    match place.read_access().await {
        Ok(None) => Ok(None),
        Ok(Some(text)) => match parse(&name, &text) {
            Ok(said) => Ok(Some(said)),
            Err(mistakes) => Err(Unread::Never(mistakes.to_string())),
        },
        Err(Unread::Never(why)) => {
            let why = draw_safely(&why);
            Err(Unread::Never(format!("access file `{name}` cannot be read: {why}")))
        }
        Err(Unread::Now(why)) => {
            let why = draw_safely(&why);
            Err(Unread::Now(format!("access file `{name}` cannot be read now: {why}")))
        }
    }
}

/// What is told of a mistake.
pub(super) fn told(uri: &str, mistake: &str) -> LeftOut {
    let why = format!("taken in, and nobody may read it: {mistake}");
    LeftOut { uri: uri.to_owned(), why, at: None }
}
