//! What the parameters of a matched pattern captured, as ranges of the path.

use std::ops::Range;

/// The byte ranges of up to sixteen captures, in order of appearance, a catch-all's included.
///
/// Ranges rather than text, so that a request can keep its path and its captures side by side. They are `u16`
/// because [`http::Uri`] holds at most 65,534 bytes.
#[derive(Debug)]
pub(crate) struct Captures {
    first: [(u16, u16); Self::FEW],
    /// Those that follow: so few paths have any that there is no room for them in each request.
    more: Option<Box<[(u16, u16); Self::MAX - Self::FEW]>>,
    len: u8,
}

impl Captures {
    /// The judge of routes refuses patterns with more.
    pub(crate) const MAX: usize = 16;

    /// From four on matchit allocates, too.
    const FEW: usize = 4;

    pub(crate) const EMPTY: Self = Self { first: [(0, 0); Self::FEW], more: None, len: 0 };

    pub(crate) fn len(&self) -> usize {
        usize::from(self.len)
    }

    pub(crate) fn get(&self, index: usize) -> Option<Range<usize>> {
        if index >= self.len() {
            return None;
        }
        let &(start, end) = match index.checked_sub(Self::FEW) {
            None => self.first.get(index)?,
            Some(index) => self.more.as_ref()?.get(index)?,
        };
        Some(usize::from(start)..usize::from(end))
    }

    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// Adds a capture; what does not fit, which the judge has ruled out, is left out.
    pub(crate) fn push(&mut self, range: Range<usize>) {
        let (Ok(start), Ok(end)) = (u16::try_from(range.start), u16::try_from(range.end)) else { return };
        let index = self.len();
        let free = match index.checked_sub(Self::FEW) {
            None => self.first.get_mut(index),
            Some(index) => self.more.get_or_insert_default().get_mut(index),
        };
        if let Some(free) = free {
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
        assert!(captures.iter().eq((0..16).map(|i| i..i + 1)));
        assert_eq!(captures.get(16), None);
    }
}
