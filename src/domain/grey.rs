//! The grey zone: what is too odd to let through unseen and not odd enough to be sure, and what a slower judge
//! says of it.

use std::fmt;

use super::document::Span;

/// A number from 0 to 1.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub struct Probability(f32);

// It is never NaN.
impl Eq for Probability {}

impl Probability {
    /// None for what is below 0, above 1, or no number.
    pub fn new(value: f64) -> Option<Self> {
        #[expect(clippy::cast_possible_truncation, reason = "from 0 to 1")]
        let narrowed = value as f32;
        (0.0..=1.0).contains(&value).then_some(Self(narrowed))
    }

    /// From 0 to 1.
    pub const fn value(self) -> f32 {
        self.0
    }

    /// In per cent, rounded.
    pub fn percent(self) -> u8 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 0 to 100"
        )]
        let percent = (self.0 * 100.0).round() as u8;
        percent
    }
}

impl fmt::Debug for Probability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Risks that slower judges are asked about, both ends among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GreyZone {
    /// From here.
    pub from: Probability,
    /// To here.
    pub to: Probability,
}

impl GreyZone {
    /// Whether a risk lies in it.
    pub fn holds(&self, risk: Probability) -> bool {
        self.from <= risk && risk <= self.to
    }
}

/// What a judge's answer has to reach to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Below it a passage is taken for harmless.
    pub clear: Probability,
    /// From it on a passage is taken for an injection.
    pub threshold: Probability,
}

/// What an answer comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opinion {
    /// Nothing speaks to a model here.
    Harmless,
    /// Neither.
    Unsure,
    /// It is an injection, this surely.
    Injection(Probability),
}

impl Bounds {
    /// Reads an answer. Whoever sets the bounds crosswise gets the stricter reading.
    pub fn opinion(&self, answer: Probability) -> Opinion {
        if answer >= self.threshold {
            Opinion::Injection(answer)
        } else if answer < self.clear {
            Opinion::Harmless
        } else {
            Opinion::Unsure
        }
    }
}

/// A passage in doubt, as a judge reads it. Its text never appears in `Debug` output.
#[derive(Clone, PartialEq, Eq)]
pub struct GreyPassage {
    /// Where it stands, what stands around the doubtful words included.
    pub spans: Vec<Span>,
    /// What the judge reads.
    pub text: String,
    /// How odd it is.
    pub risk: Probability,
    /// The text is all of it, as a person sees it, in plain letters. Otherwise the judge may have missed what
    /// matters, and its word can make the passage worse but not better.
    pub is_plain: bool,
}

impl fmt::Debug for GreyPassage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GreyPassage({} bytes, risk {:?})", self.text.len(), self.risk)
    }
}

#[cfg(test)]
mod tests {
    use super::{Bounds, GreyZone, Opinion, Probability};

    fn of(value: f64) -> Probability {
        Probability::new(value).unwrap()
    }

    #[test]
    fn nothing_but_a_number_from_0_to_1_is_a_probability() {
        for wrong in [f64::NAN, f64::INFINITY, -0.001, 1.001, -1e300] {
            assert!(Probability::new(wrong).is_none(), "{wrong}");
        }
        assert_eq!((of(0.0).percent(), of(0.994).percent(), of(1.0).percent()), (0, 99, 100));
    }

    #[test]
    fn an_answer_between_the_bounds_is_no_opinion() {
        let bounds = Bounds { clear: of(0.2), threshold: of(0.9) };
        assert_eq!(bounds.opinion(of(0.1)), Opinion::Harmless);
        assert_eq!(bounds.opinion(of(0.2)), Opinion::Unsure);
        assert_eq!(bounds.opinion(of(0.89)), Opinion::Unsure);
        assert_eq!(bounds.opinion(of(0.9)), Opinion::Injection(of(0.9)));
    }

    #[test]
    fn crossed_bounds_never_clear_what_they_convict() {
        let crossed = Bounds { clear: of(1.0), threshold: of(0.0) };
        assert_eq!(crossed.opinion(of(0.5)), Opinion::Injection(of(0.5)));
    }

    #[test]
    fn both_ends_lie_in_the_zone() {
        let zone = GreyZone { from: of(0.35), to: of(0.75) };
        assert!(zone.holds(of(0.35)) && zone.holds(of(0.75)));
        assert!(!zone.holds(of(0.34)) && !zone.holds(of(0.76)));
    }
}
