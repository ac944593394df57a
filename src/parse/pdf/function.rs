//! Functions of the file that turn an ink's amount into a colour.
//!
//! PostScript calculator functions are not run; colours that need one stay unknown.

use lopdf::{Dictionary, Document, Object};

use super::lexer::whole_number;
use super::objects::{
    dict_of, get, get_array, get_integer, get_number, numbers_of, resolved, unpack,
};
use crate::domain::limits::PDF_NESTING_MAX;

/// Components of one colour; PDF allows 32 inks.
pub(super) const COMPONENTS_MAX: usize = 32;

/// What reading one function takes off the document's budget of unpacked bytes.
const FUNCTION_COST_BYTES: usize = 4096;

#[derive(Debug)]
pub(super) enum Function {
    Exponential { from: Vec<f32>, to: Vec<f32>, exponent: f32 },
    Sampled { inputs: Vec<Axis>, outputs: Vec<(f32, f32)>, samples: Vec<u8>, bits: usize },
    Stitched { parts: Vec<Self>, bounds: Vec<f32>, domain: (f32, f32), encode: Vec<(f32, f32)> },
}

/// One input of a sampled function.
#[derive(Debug)]
pub(super) struct Axis {
    domain: (f32, f32),
    encode: (f32, f32),
    size: usize,
}

impl Function {
    pub(super) fn read(
        document: &Document,
        object: &Object,
        unpacked_left: &mut usize,
    ) -> Option<Self> {
        Self::read_within(document, object, unpacked_left, PDF_NESTING_MAX)
    }

    fn read_within(
        document: &Document,
        object: &Object,
        unpacked_left: &mut usize,
        depth: usize,
    ) -> Option<Self> {
        // A tree of stitched functions that share their parts has more paths than atoms.
        *unpacked_left = unpacked_left.checked_sub(FUNCTION_COST_BYTES)?;
        let object = resolved(document, object)?;
        let dict = dict_of(object)?;
        match (get_integer(document, dict, b"FunctionType")?, object) {
            (0, Object::Stream(stream)) => {
                Self::sampled(document, dict, unpack(document, stream, unpacked_left).ok()?)
            }
            (2, _) => Some(Self::Exponential {
                from: list(document, dict, b"C0").unwrap_or_else(|| vec![0.0]),
                to: list(document, dict, b"C1").unwrap_or_else(|| vec![1.0]),
                exponent: get_number(document, dict, b"N")?,
            }),
            (3, _) => {
                let parts = get_array(document, dict, b"Functions")?
                    .iter()
                    .take(COMPONENTS_MAX)
                    .map(|part| {
                        Self::read_within(document, part, unpacked_left, depth.checked_sub(1)?)
                    })
                    .collect::<Option<Vec<_>>>()?;
                Some(Self::Stitched {
                    parts,
                    bounds: list(document, dict, b"Bounds")?,
                    domain: *pairs(document, dict, b"Domain")?.first()?,
                    encode: pairs(document, dict, b"Encode")?,
                })
            }
            _ => None,
        }
    }

    fn sampled(document: &Document, dict: &Dictionary, samples: Vec<u8>) -> Option<Self> {
        let domains = pairs(document, dict, b"Domain")?;
        let sizes: Vec<usize> =
            list(document, dict, b"Size")?.into_iter().map(whole_number).collect::<Option<_>>()?;
        let encode = pairs(document, dict, b"Encode");
        let inputs: Vec<Axis> = domains
            .iter()
            .zip(&sizes)
            .enumerate()
            .map(|(index, (domain, size))| Axis {
                domain: *domain,
                encode: encode
                    .as_ref()
                    .and_then(|encode| encode.get(index).copied())
                    .unwrap_or((0.0, size.saturating_sub(1) as f32)),
                size: *size,
            })
            .collect();
        let outputs =
            pairs(document, dict, b"Decode").or_else(|| pairs(document, dict, b"Range"))?;
        let bits = usize::try_from(get_integer(document, dict, b"BitsPerSample")?).ok()?;
        (matches!(bits, 8 | 16) && inputs.len() == domains.len() && !inputs.is_empty())
            .then_some(Self::Sampled { inputs, outputs, samples, bits })
    }

    pub(super) fn run(&self, input: &[f32]) -> Option<Vec<f32>> {
        match self {
            Self::Exponential { from, to, exponent } => {
                let power = input.first()?.clamp(0.0, 1.0).powf(*exponent);
                Some(from.iter().zip(to).map(|(from, to)| from + power * (to - from)).collect())
            }
            Self::Sampled { inputs, outputs, samples, bits } => {
                sample(inputs, outputs, samples, *bits, input)
            }
            Self::Stitched { parts, bounds, domain, encode } => {
                let x = input.first()?.clamp(domain.0.min(domain.1), domain.1.max(domain.0));
                let index = bounds.iter().filter(|bound| **bound <= x).count();
                let index = index.min(parts.len().checked_sub(1)?);
                let low = index.checked_sub(1).and_then(|i| bounds.get(i)).copied();
                let high = bounds.get(index).copied().unwrap_or(domain.1);
                let (start, end) = *encode.get(index)?;
                parts.get(index)?.run(&[between(x, (low.unwrap_or(domain.0), high), (start, end))])
            }
        }
    }
}

/// The nearest sample; colours need no finer answer.
fn sample(
    inputs: &[Axis],
    outputs: &[(f32, f32)],
    samples: &[u8],
    bits: usize,
    input: &[f32],
) -> Option<Vec<f32>> {
    let (mut index, mut stride) = (0_usize, 1_usize);
    for (axis, value) in inputs.iter().zip(input) {
        let last = axis.size.checked_sub(1)?;
        let place = between(*value, axis.domain, axis.encode).round().clamp(0.0, last as f32);
        index = index.checked_add(whole_number(place)?.checked_mul(stride)?)?;
        stride = stride.checked_mul(axis.size)?;
    }
    let bytes = bits / 8;
    let start = index.checked_mul(outputs.len())?.checked_mul(bytes)?;
    let row = samples.get(start..start.checked_add(outputs.len() * bytes)?)?;
    let whole = if bytes == 1 { 255.0 } else { 65_535.0 };
    let values = row
        .chunks_exact(bytes)
        .map(|sample| sample.iter().fold(0.0_f32, |sum, byte| sum * 256.0 + f32::from(*byte)));
    Some(
        values
            .zip(outputs)
            .map(|(value, (low, high))| low + value / whole * (high - low))
            .collect(),
    )
}

fn between(value: f32, (low, high): (f32, f32), (start, end): (f32, f32)) -> f32 {
    let span = high - low;
    if span == 0.0 { start } else { start + (value - low) / span * (end - start) }
}

fn list(document: &Document, dict: &Dictionary, key: &[u8]) -> Option<Vec<f32>> {
    match get(document, dict, key)? {
        Object::Array(array) => Some(numbers_of(document, array, 2 * COMPONENTS_MAX)),
        _ => None,
    }
}

fn pairs(document: &Document, dict: &Dictionary, key: &[u8]) -> Option<Vec<(f32, f32)>> {
    let numbers = list(document, dict, key)?;
    let pairs = numbers.chunks_exact(2).filter_map(|pair| match pair {
        [low, high] => Some((*low, *high)),
        _ => None,
    });
    Some(pairs.collect())
}

#[cfg(test)]
mod tests {
    use lopdf::{Stream, dictionary};

    use super::*;

    fn numbers(values: &[f32]) -> Object {
        Object::Array(values.iter().map(|value| Object::Real(*value)).collect())
    }

    fn read(object: impl Into<Object>) -> Function {
        Function::read(&Document::new(), &object.into(), &mut 10_000).unwrap()
    }

    #[test]
    fn exponential_functions_blend_two_colours() {
        let function = read(dictionary! {
            "FunctionType" => 2, "N" => 1, "Domain" => numbers(&[0.0, 1.0]),
            "C0" => numbers(&[0.0, 1.0]), "C1" => numbers(&[1.0, 0.0]),
        });
        assert_eq!(function.run(&[0.25]), Some(vec![0.25, 0.75]));
    }

    #[test]
    fn sampled_functions_give_the_nearest_sample() {
        let dict = dictionary! {
            "FunctionType" => 0, "BitsPerSample" => 8, "Size" => numbers(&[2.0]),
            "Domain" => numbers(&[0.0, 1.0]), "Range" => numbers(&[0.0, 1.0, 0.0, 1.0]),
        };
        let function = read(Stream::new(dict, vec![0, 255, 255, 0]));
        assert_eq!(function.run(&[0.9]), Some(vec![1.0, 0.0]));
    }

    #[test]
    fn a_function_that_contains_itself_is_no_function() {
        let mut document = Document::with_version("1.5");
        let id = document.new_object_id();
        let dict = dictionary! { "FunctionType" => 3, "Functions" => vec![Object::Reference(id)] };
        document.objects.insert(id, Object::Dictionary(dict));
        assert!(Function::read(&document, &Object::Reference(id), &mut 1_000_000).is_none());
    }
}
