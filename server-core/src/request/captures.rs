//! placeholder
use std::ops::Range;
#[derive(Debug, Default, Clone)] pub(crate) struct Captures(pub Vec<Range<usize>>);
impl Captures { pub(crate) fn len(&self) -> usize { self.0.len() } pub(crate) fn get(&self, i: usize) -> Option<Range<usize>> { self.0.get(i).cloned() } }
