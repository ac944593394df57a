//! Any bytes, declared as rtf.
#![no_main]

use alnage::domain::document::Format;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| alnage_fuzz::read(bytes, Some(Format::Rtf)));
