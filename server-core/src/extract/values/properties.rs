//! Pairs survive their encoding, and nothing a client writes makes the reader panic.

use std::collections::BTreeMap;

use super::{from_pairs, from_path, parse_pairs};
use crate::scratch::Scratch;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::{collection::vec, prelude::*, sample::select};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Target<'r> {
    a: Option<u8>,
    b: Option<&'r str>,
    c: Option<f64>,
    #[serde(default)]
    d: Vec<i32>,
    e: Option<(char, bool)>,
    #[serde(flatten)]
    rest: BTreeMap<String, serde_json::Value>,
}

/// What grouping must come to, written down plainly.
fn grouped(pairs: &[(String, String)]) -> BTreeMap<&str, Vec<&str>> {
    let mut groups = BTreeMap::<&str, Vec<&str>>::new();
    for (name, value) in pairs {
        groups.entry(name).or_default().push(value);
    }
    groups
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn pairs_survive(pairs in vec((any::<String>(), any::<String>()), 0..8)) {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string().replace("%20", "+");
        let raw: Vec<_> = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let (raw, scratch) = (raw.join("&"), Scratch::default());
        let read = parse_pairs(&raw, &scratch, 8);
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (&name[..], &value[..])).collect();
        prop_assert_eq!(read, Ok(pairs));
    }

    #[test]
    fn groups(pairs in vec(("[a-d]{1,2}", "[0-9]"), 0..100)) {
        let borrowed: Vec<_> = pairs.iter().map(|(name, value)| (&name[..], &value[..])).collect();
        prop_assert_eq!(from_pairs::<BTreeMap<&str, Vec<&str>>>(&borrowed), Ok(grouped(&pairs)));
        let ordered: Vec<(&str, &str)> = from_pairs(&borrowed).unwrap();
        prop_assert_eq!(&ordered, &borrowed);
    }

    #[test]
    fn never_panics(parts in vec(select(vec!["a", "b", "c", "d", "e", "&", "=", "+", "%", "%41", "%ff", "%C3%A9", "1", "-", "1e9", "é", "true"]), 0..24)) {
        let (raw, scratch) = (parts.concat(), Scratch::default());
        if let Ok(pairs) = parse_pairs(&raw, &scratch, 10) {
            let _ = from_pairs::<Target<'_>>(&pairs);
            let _ = from_pairs::<Vec<(String, f32)>>(&pairs);
            let _ = from_pairs::<serde_json::Value>(&pairs);
            let _ = from_path::<(u8, Vec<char>)>(&pairs);
            let _ = from_path::<Target<'_>>(&pairs);
            let _ = from_path::<Option<i128>>(&pairs);
        }
    }
}
