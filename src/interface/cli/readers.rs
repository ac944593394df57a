//! Who may read a document that is taken in: what the command says, narrowed by the access files beside
//! it, within the source.
//!
//! What an access file says wrongly lets nobody in, and is told. A sidecar of an external source is its
//! writer's; it can take readers away and give none that the source does not give.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::config::access_file;
use crate::domain::access::AccessList;
use crate::domain::finding::draw_safely;
use crate::domain::mapping::{self, Rule, nobody, rule_for};

use super::feed::{At, LeftOut};

/// Decides readers, one run of a source long: rules are read once.
pub(super) struct Readers<'a> {
    source: AccessList,
    asked: &'a (dyn Fn(&At) -> Option<AccessList> + Sync),
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

    /// Who may read what lies here.
    pub(super) async fn of(&mut self, at: &At) -> Decided {
        let asked = (self.asked)(at);
        let said = match self.said(at).await {
            Ok(None) => return Decided { access: asked, mistake: None },
            Ok(Some(said)) => said.within(&self.source).map_err(|error| {
                format!("an access file of `{}` goes too far: {error}", at.shown())
            }),
            Err(mistake) => Err(mistake),
        };
        match said {
            Ok(list) => {
                let access = asked.map_or_else(|| list.clone(), |asked| asked.narrowed_by(&list));
                Decided { access: Some(access), mistake: None }
            }
            Err(mistake) => Decided { access: Some(nobody()), mistake: Some(mistake) },
        }
    }

    async fn said(&mut self, at: &At) -> Result<Option<AccessList>, String> {
        let above = at.rules();
        for (place, _) in &above {
            self.load(place).await;
        }
        let mut rules = Vec::new();
        for (place, below) in &above {
            match self.rules.get(&place.shown()) {
                Some(Ok(of_folder)) => rules.extend(rule_for(of_folder, below)),
                Some(Err(mistake)) => return Err(mistake.clone()),
                None => {}
            }
        }
        let sidecar = read(&at.sidecar(), access_file::sidecar).await?;
        Ok(mapping::readers(&rules, sidecar.as_ref(), &self.source))
    }

    async fn load(&mut self, place: &At) {
        if let Entry::Vacant(unread) = self.rules.entry(place.shown()) {
            unread.insert(read(place, access_file::rules).await.map(Option::unwrap_or_default));
        }
    }
}

async fn read<T>(
    place: &At,
    parse: fn(&str, &str) -> Result<T, crate::config::toml_file::Mistakes>,
) -> Result<Option<T>, String> {
    let name = place.shown();
    match place.read_access().await {
        Ok(None) => Ok(None),
        Ok(Some(text)) => parse(&name, &text).map(Some).map_err(|mistakes| mistakes.to_string()),
        Err(why) => Err(format!("access file `{name}` cannot be read: {}", draw_safely(&why))),
    }
}

/// What is told of a mistake.
pub(super) fn told(uri: &str, mistake: &str) -> LeftOut {
    LeftOut { uri: uri.to_owned(), why: format!("taken in, and nobody may read it: {mistake}") }
}
