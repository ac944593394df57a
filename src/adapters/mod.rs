//! The outside world behind the ports, one file per neighbour.

pub mod event_log;
pub mod key_files;
pub mod reader_process;
pub mod sources;
pub mod system;
