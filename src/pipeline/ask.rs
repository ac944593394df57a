//! What is asked, and which vectors of the collection answer it.

use std::str::FromStr;

use crate::domain::limits::QUESTION_BYTES_MAX;
use crate::domain::source::Collection;
use crate::domain::vector::{Vector, VectorShape};

use super::error::GuardError;
use super::guard::Guard;

/// What is searched for.
#[derive(Debug, Clone, Copy)]
pub enum Ask<'a> {
    /// A text, which the collection's embedder turns into vectors.
    Text {
        /// The question.
        text: &'a str,
        /// By which of them; `None`: by all that it makes.
        mode: Option<SearchMode>,
    },
    /// A vector that the application has made.
    Vector {
        /// Name of the collection's vector that it is compared with.
        using: &'a str,
        /// The vector.
        vector: &'a Vector,
    },
    /// Both, fused.
    Both {
        /// The question.
        text: &'a str,
        /// Name of the collection's vector that `vector` is compared with.
        using: &'a str,
        /// The vector.
        vector: &'a Vector,
    },
}

/// By what a text is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchMode {
    /// By words.
    Lexical,
    /// By meaning.
    Dense,
    /// By both, fused.
    Hybrid,
}

impl SearchMode {
    /// Every mode.
    pub const ALL: [Self; 3] = [Self::Lexical, Self::Dense, Self::Hybrid];

    /// The name used in requests.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lexical => "lexical",
            Self::Dense => "dense",
            Self::Hybrid => "hybrid",
        }
    }
}

impl FromStr for SearchMode {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|mode| mode.name() == text).ok_or_else(|| {
            let text = crate::domain::finding::draw_safely(text);
            format!("`{text}` is no mode; use lexical, dense or hybrid")
        })
    }
}

/// One search: a vector under its name.
pub(super) type Leg = (String, Vector);

fn refuse<T>(field: &str, what: impl Into<String>) -> Result<T, GuardError> {
    Err(GuardError::Field { field: field.to_owned(), what: what.into() })
}

impl Guard {
    /// The searches that an ask comes down to; at least one.
    pub(super) async fn legs(
        &self,
        collection: &Collection,
        ask: Ask<'_>,
    ) -> Result<Vec<Leg>, GuardError> {
        match ask {
            Ask::Text { text, mode } => self.legs_of_text(collection, text, mode).await,
            Ask::Vector { using, vector } => Ok(vec![leg_of_vector(collection, using, vector)?]),
            Ask::Both { text, using, vector } => {
                let given = leg_of_vector(collection, using, vector)?;
                let mut legs = self.legs_of_text(collection, text, None).await?;
                // The same list twice would count twice.
                legs.retain(|(name, _)| *name != given.0);
                legs.push(given);
                Ok(legs)
            }
        }
    }

    async fn legs_of_text(
        &self,
        collection: &Collection,
        text: &str,
        mode: Option<SearchMode>,
    ) -> Result<Vec<Leg>, GuardError> {
        if text.len() > QUESTION_BYTES_MAX {
            let limit = QUESTION_BYTES_MAX;
            return Err(GuardError::Request(format!("a question has at most {limit} bytes")));
        }
        let embedder = self.embedder_of(collection)?;
        let made = embedder.shapes();
        let has =
            |sparse: bool| made.values().any(|shape| (*shape == VectorShape::Sparse) == sparse);
        let (lexical, dense) = match mode {
            None => (true, true),
            Some(SearchMode::Lexical) => (true, false),
            Some(SearchMode::Dense) => (false, true),
            Some(SearchMode::Hybrid) => (true, true),
        };
        if let Some(mode) = mode
            && ((lexical && !has(true)) || (dense && !has(false)))
        {
            let vectors = described(collection);
            let embedder = &collection.embedder.name;
            let made: Vec<String> = made.keys().map(|name| format!("`{name}`")).collect();
            let made = made.join(", ");
            let mode = mode.name();
            return refuse(
                "mode",
                format!(
                    "a text cannot be searched in `{mode}` mode here: of the collection's vectors \
                     ({vectors}) its embedder `{embedder}` makes {made}"
                ),
            );
        }
        let mut legs = Vec::new();
        for (name, shape) in made {
            let wanted = if shape == VectorShape::Sparse { lexical } else { dense };
            if wanted {
                let vector = embedder.embed_question(text, &name).await?;
                legs.push((name, vector));
            }
        }
        Ok(legs)
    }
}

/// A vector that somebody else has made is believed only as far as it can be compared.
fn leg_of_vector(collection: &Collection, using: &str, vector: &Vector) -> Result<Leg, GuardError> {
    let Some(shape) = collection.vectors.get(using) else {
        let using = crate::domain::finding::draw_safely(using);
        let vectors = described(collection);
        return refuse(
            "using",
            format!("the collection has no vector `{using}`; it has {vectors}"),
        );
    };
    let vector = match vector {
        Vector::Sparse { indices, values } if indices.len() == values.len() => {
            Vector::sparse(indices.iter().copied().zip(values.iter().copied()))
        }
        other => other.clone(),
    };
    if let Err(fault) = shape.fits(&vector) {
        return refuse("vector", fault);
    }
    if !vector.has_direction() {
        return refuse("vector", "it points nowhere: zero, or too short or too long");
    }
    Ok((using.to_owned(), vector))
}

/// The collection's vectors in words.
pub(super) fn described(collection: &Collection) -> String {
    let vectors = collection.vectors.iter().map(|(name, shape)| format!("`{name}` ({shape})"));
    vectors.collect::<Vec<_>>().join(", ")
}
