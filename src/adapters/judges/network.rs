//! Tokens → logits: the two families of networks, with their heads for classification.
//!
//! candle has DeBERTa's whole; of BERT it has the body, and pooler and classifier are here.

use std::collections::HashMap;

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{Linear, Module as _, VarBuilder, linear};
use candle_transformers::models::bert::BertModel;
use candle_transformers::models::debertav2::DebertaV2SeqClassificationModel;

use super::model_claims::{Claims, Family};
use super::windows::Window;

/// A network that tells labels apart.
pub(super) enum Network {
    Bert { body: Box<BertModel>, pooler: Linear, classifier: Linear },
    Deberta(Box<DebertaV2SeqClassificationModel>),
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bert { .. } => "Network(bert)",
            Self::Deberta(_) => "Network(deberta-v2)",
        })
    }
}

impl Network {
    /// Of weights whose shapes were checked.
    pub(super) fn load(claims: &Claims, tensors: HashMap<String, Tensor>) -> Result<Self> {
        let weights = VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu);
        Ok(match &claims.family {
            Family::Bert(config) => {
                let (width, labels) = (claims.width, claims.labels.len());
                Self::Bert {
                    body: Box::new(BertModel::load(weights.pp("bert"), config)?),
                    pooler: linear(width, width, weights.pp("bert.pooler.dense"))?,
                    classifier: linear(width, labels, weights.pp("classifier"))?,
                }
            }
            Family::Deberta(config) => {
                let weights = weights.set_prefix("deberta");
                let model = DebertaV2SeqClassificationModel::load(weights, config, None)?;
                Self::Deberta(Box::new(model))
            }
        })
    }

    /// The logits of each window, which are filled up to one length with `pad`.
    pub(super) fn logits(&self, windows: &[Window], pad: u32) -> Result<Vec<Vec<f32>>> {
        let longest = windows.iter().map(|window| window.ids.len()).max().unwrap_or(0);
        let filled = |of: fn(&Window) -> &[u32], with: u32| -> Result<Tensor> {
            let row = |window| {
                let mut row = of(window).to_vec();
                row.resize(longest, with);
                row
            };
            let rows: Vec<u32> = windows.iter().flat_map(row).collect();
            Tensor::from_vec(rows, (windows.len(), longest), &Device::Cpu)
        };
        let ids = filled(|window| &window.ids, pad)?;
        let types = filled(|window| &window.types, 0)?;
        let mask = filled(|window| &window.mask, 0)?;
        let logits = match self {
            Self::Bert { body, pooler, classifier } => {
                let hidden = body.forward(&ids, &types, Some(&mask))?;
                let first = hidden.narrow(1, 0, 1)?.squeeze(1)?.contiguous()?;
                classifier.forward(&pooler.forward(&first)?.tanh()?)?
            }
            Self::Deberta(model) => model.forward(&ids, Some(types), Some(mask))?,
        };
        logits.to_vec2()
    }
}
