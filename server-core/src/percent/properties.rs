//! Percent-decoding agrees with the percent-encoding crate and undoes it.

use super::{decode, decode_form};
use crate::scratch::Scratch;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_the_crate(raw in "([a-zA-Z+é]|%[0-9a-fA-F]{2}|%[a-z]|%){0,12}") {
        let scratch = Scratch::default();
        let theirs = percent_decode_str(&raw).decode_utf8().ok();
        prop_assert_eq!(decode(&raw, &scratch).ok(), theirs.as_deref());
        let spaced = raw.replace('+', " ");
        let theirs = percent_decode_str(&spaced).decode_utf8().ok();
        prop_assert_eq!(decode_form(&raw, &scratch).ok(), theirs.as_deref());
    }

    #[test]
    fn undoes_encoding(text in any::<String>()) {
        let scratch = Scratch::default();
        let encoded = utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string();
        prop_assert_eq!(decode(&encoded, &scratch), Ok(&text[..]));
        let spaced = encoded.replace("%20", "+");
        prop_assert_eq!(decode_form(&spaced, &scratch), Ok(&text[..]));
    }
}
