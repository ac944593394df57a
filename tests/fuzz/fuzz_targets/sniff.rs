//! Any bytes, declared as nothing.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| alnage_fuzz::read(bytes, None));
