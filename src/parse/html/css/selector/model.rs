//! What selectors are made of.

use std::rc::Rc;

use html5ever::LocalName;

use crate::parse::html::css::truth::Truth;

/// A list of selectors.
#[derive(Debug, Default)]
pub(crate) struct List {
    pub(crate) selectors: Vec<Complex>,
    /// Whether a browser surely takes this list; one selector that it does not know spoils all.
    pub(crate) certain: bool,
    /// Whether an answer can be `Maybe`.
    pub(crate) is_doubtful: bool,
}

/// A part of an element that a rule may be about instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Before,
    After,
    FirstLine,
}

/// One selector: compounds from right to left, each with its relation to the next.
#[derive(Debug)]
pub(crate) struct Complex {
    pub(crate) parts: Vec<(Vec<Test>, Option<Relation>)>,
    /// Ids, classes and tags, as one number that compares like the three.
    pub(crate) weight: u32,
    /// A part of the element that it is about, rather than the element.
    pub(crate) part: Option<Part>,
}

/// How a compound stands to the one on its left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    Within,
    Child,
    Next,
    Later,
}

/// One condition.
#[derive(Debug)]
pub(crate) enum Test {
    Tag(LocalName),
    Id(LocalName),
    Class(LocalName),
    Attribute(Box<Attribute>),
    Nth {
        step: i32,
        offset: i32,
        from_end: bool,
        same_tag: bool,
    },
    Root,
    Empty,
    Not(Rc<List>),
    Any(Rc<List>),
    Has(Rc<Vec<(Relation, Complex)>>),
    /// The same whatever the element is: a state that no page is in at rest, or is always in.
    Always(Truth),
}

/// A condition on an attribute.
#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) name: LocalName,
    pub(crate) comparison: Comparison,
    pub(crate) value: String,
    pub(crate) any_case: bool,
}

/// How an attribute's value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Present,
    Equal,
    Word,
    Language,
    Start,
    End,
    Part,
}
