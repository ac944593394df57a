//! The outside world behind the ports, one file or folder per neighbour.

pub mod credentials;
pub mod embedders;
pub mod stores;
