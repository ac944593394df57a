//! The outside world behind the ports, one file or folder per neighbour.

pub mod audit_log;
pub mod credentials;
pub mod embedders;
pub mod identity;
pub mod judges;
pub mod key_files;
pub mod ledger;
pub mod outbound;
pub mod reader_process;
pub mod ring_file;
pub mod sources;
pub mod stores;
pub mod system;
