//! The work, without any library: documents, requests and tables of routes.

pub mod calls;
pub mod documents;
pub mod generated;
pub mod github;
