//! The engine's rules, held against matchit and independent models on generated sets of routes.

mod judge;
mod matching;
mod normal_form;
mod random;
