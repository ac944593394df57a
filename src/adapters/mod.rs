//! The outside world behind the ports, one file per neighbour.

pub mod reader_process;
