//! Any bytes as a part of an office file or a book.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| alnage_fuzz::read_part(bytes));
