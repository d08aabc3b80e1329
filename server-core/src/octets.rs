//! Text read eight bytes at a time.

/// The eight bytes of `text` from `at` on, the first the lowest; zeros stand for those past its end.
#[inline]
pub(crate) fn eight_at(text: &[u8], at: usize) -> u64 {
    if let Some(word) = text.get(at..).and_then(|rest| rest.first_chunk()) {
        return u64::from_le_bytes(*word);
    }
    let rest = text.len().saturating_sub(at);
    if rest == 0 {
        return 0;
    }
    if let Some(last) = text.last_chunk() {
        return u64::from_le_bytes(*last) >> (64 - 8 * rest);
    }
    short(&text[text.len() - rest..])
}

/// Fewer than eight bytes. Two reads overlap where they agree.
#[inline]
fn short(text: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        let last = u64::from(u32::from_le_bytes(*last));
        return u64::from(u32::from_le_bytes(*first)) | last << (8 * (text.len() - 4));
    }
    text.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_there() {
        let text = b"0123456789abcdefghi";
        for end in 0..=text.len() {
            for at in 0..=end + 1 {
                let mut expected = [0; 8];
                for (to, from) in expected.iter_mut().zip(text[..end].iter().skip(at)) {
                    *to = *from;
                }
                assert_eq!(eight_at(&text[..end], at).to_le_bytes(), expected, "{at}..{end}");
            }
        }
    }
}
