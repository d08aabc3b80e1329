//! Messages written while the program is compiled, where nothing can be allocated.

use super::table::{MethodSet, NAMES};

/// A message; what does not fit is left out.
pub(super) struct Text {
    bytes: [u8; 8_192],
    len: usize,
}

impl Text {
    pub(super) const EMPTY: Self = Self { bytes: [0; 8_192], len: 0 };

    pub(super) const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "route conflict",
        }
    }

    pub(super) const fn push(&mut self, bytes: &[u8]) {
        let mut i = 0;
        while i < bytes.len() && self.len < self.bytes.len() {
            self.bytes[self.len] = bytes[i];
            self.len += 1;
            i += 1;
        }
    }

    pub(super) const fn push_methods(&mut self, methods: MethodSet) {
        let (mut slot, mut first) = (0, true);
        while slot < NAMES.len() {
            if methods.has(slot) {
                if !first {
                    self.push(b"|");
                }
                self.push(NAMES[slot].as_bytes());
                first = false;
            }
            slot += 1;
        }
    }

    pub(super) const fn push_number(&mut self, number: u32) {
        if number >= 10 {
            self.push_number(number / 10);
        }
        self.push(&[b'0' + (number % 10) as u8]);
    }
}
