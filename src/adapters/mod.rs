//! The outside world behind the ports. Each adapter knows `pipeline` and `domain`, and no other
//! adapter.

pub mod ledger;
