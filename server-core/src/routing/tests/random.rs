//! Choices at random, the same on every run.

/// Xorshift.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n
    }

    pub(super) fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    /// A path of one to four of the segments; nothing follows a catch-all.
    pub(super) fn pattern(&mut self, segments: &[&str]) -> String {
        let mut path = String::new();
        for _ in 0..=self.below(4) {
            let segment = self.pick(segments);
            path = path + "/" + segment;
            if segment == "{*x}" {
                return path;
            }
        }
        path
    }
}
