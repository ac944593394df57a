//! What files and environment say → checked settings, every mistake at once.

mod audit;
pub mod directory;
pub mod glob;
pub mod http;
pub mod ignores;
pub mod policy;
pub mod settings;
pub mod toml_file;
