//! Files from a folder (feature `fs`).

mod answer;
mod coding;
mod conditions;
mod content;
mod directory;
mod find;
mod name;
mod open;
mod range;
mod validators;

pub use directory::Directory;
