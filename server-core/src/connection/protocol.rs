//! Which protocol a connection speaks, told by its first bytes.

/// What every HTTP/2 connection begins with (RFC 9113 section 3.4). HTTP/1 has no method `PRI` (section 11.6 there).
pub(super) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A protocol that both sides have agreed on before the first byte, as by ALPN (RFC 7301).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoken {
    /// HTTP/1.0 or HTTP/1.1.
    Http1,
    /// HTTP/2.
    Http2,
}

/// The verdict on the bytes received so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// Not the preface: HTTP/1, or something that HTTP/1 will refuse.
    Http1,
    /// The whole preface is there.
    Http2,
    /// The beginning of the preface, and nothing else yet.
    Undecided,
}

impl Protocol {
    /// Judges a connection by everything it has sent.
    pub(super) fn of(received: &[u8]) -> Self {
        let seen = received.len().min(PREFACE.len());
        if received[..seen] != PREFACE[..seen] {
            Self::Http1
        } else if seen == PREFACE.len() {
            Self::Http2
        } else {
            Self::Undecided
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_preface_from_its_look_alikes() {
        for cut in 0..PREFACE.len() {
            assert_eq!(Protocol::of(&PREFACE[..cut]), Protocol::Undecided);
            let mut other = PREFACE[..=cut].to_vec();
            other[cut] ^= 0x20;
            assert_eq!(Protocol::of(&other), Protocol::Http1);
        }
        assert_eq!(Protocol::of(PREFACE), Protocol::Http2);
        assert_eq!(Protocol::of(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04"), Protocol::Http2);
        assert_eq!(Protocol::of(b"PRINT / HTTP/1.1\r\n"), Protocol::Http1);
    }
}
