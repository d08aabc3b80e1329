//! What the parameters of a matched pattern captured, as ranges of the path.

use std::ops::Range;

/// The byte ranges of up to sixteen captures, in order of appearance, a catch-all's included.
///
/// Ranges rather than text, so that a request can keep its path and its captures side by side. They are `u16`
/// because [`http::Uri`] holds at most 65,534 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Captures {
    /// Most requests have none, and nothing is written for them.
    ranges: Option<[(u16, u16); Self::MAX]>,
    len: u8,
}

impl Captures {
    /// The judge of routes refuses patterns with more.
    pub(crate) const MAX: usize = 16;

    pub(crate) const EMPTY: Self = Self { ranges: None, len: 0 };

    pub(crate) fn len(&self) -> usize {
        usize::from(self.len)
    }

    pub(crate) fn get(&self, index: usize) -> Option<Range<usize>> {
        let &(start, end) = self.ranges.as_ref()?[..self.len()].get(index)?;
        Some(usize::from(start)..usize::from(end))
    }

    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        self.ranges
            .iter()
            .flatten()
            .take(self.len())
            .map(|&(start, end)| usize::from(start)..usize::from(end))
    }

    /// Adds a capture; what does not fit, which the judge has ruled out, is left out.
    pub(crate) fn push(&mut self, range: Range<usize>) {
        let (Ok(start), Ok(end)) = (u16::try_from(range.start), u16::try_from(range.end)) else { return };
        let ranges = self.ranges.get_or_insert([(0, 0); Self::MAX]);
        if let Some(free) = ranges.get_mut(usize::from(self.len)) {
            *free = (start, end);
            self.len += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_sixteen() {
        let mut captures = Captures::EMPTY;
        for i in 0..20 {
            captures.push(i..i + 1);
        }
        assert_eq!(captures.len(), 16);
        assert_eq!(captures.get(15), Some(15..16));
        assert_eq!(captures.get(16), None);
    }
}
