//! The normal form of paths against the percent-encoding crate.

use crate::routing::pattern::{Pattern, normalise_path};
use percent_encoding::percent_decode_str;
use proptest::prelude::*;
use std::borrow::Cow;

fn decode(path: &str) -> Vec<u8> {
    percent_decode_str(path).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn means_the_same(path in "/([a-zA-Z0-9/%{}|~. é-]|%[0-9a-fA-F]{2}|%2[fF]){0,20}") {
        let normal = normalise_path(&path);
        prop_assert_eq!(decode(&normal), decode(&path));
        // Slashes are neither made nor lost.
        prop_assert_eq!(normal.matches('/').count(), path.matches('/').count());
    }

    #[test]
    fn is_normal(path in "/([a-zA-Z0-9/%{}|~. é-]|%[0-9a-fA-F]{2}|%2[fF]){0,20}") {
        let normal = normalise_path(&path).into_owned();
        let again = normalise_path(&normal);
        prop_assert_eq!(again.as_ref(), normal.as_str());
        prop_assert!(normal.bytes().all(|byte| byte.is_ascii_graphic()));
    }

    #[test]
    fn plain_paths_are_borrowed(path in "/[a-zA-Z0-9/~._:@!$&'()*+,;=-]{0,60}") {
        prop_assert!(matches!(normalise_path(&path), Cow::Borrowed(_)));
    }

    /// However a client encodes an octet that has no meaning of its own, it is the pattern's octet.
    #[test]
    fn patterns_and_requests_meet(text in "[a-zA-Z0-9~_é |\"<>^`-]{1,20}", which in any::<u32>(), lower in any::<bool>()) {
        let pattern = Pattern::parse(&format!("/{text}")).unwrap();
        let mut request = String::from("/");
        for (i, byte) in text.bytes().enumerate() {
            let must = !byte.is_ascii_graphic();
            match (must || which & (1 << (i % 32)) != 0, lower) {
                (true, true) => request.push_str(&format!("%{byte:02x}")),
                (true, false) => request.push_str(&format!("%{byte:02X}")),
                _ => request.push(byte as char),
            }
        }
        let normal = normalise_path(&request);
        prop_assert_eq!(normal.as_ref(), pattern.as_str());
    }

    #[test]
    fn parsing_is_idempotent(written in "/([a-z/{}*%?é.]|\\{[a-z]\\}){0,12}") {
        if let Ok(pattern) = Pattern::parse(&written) {
            prop_assert_eq!(&Pattern::parse(pattern.as_str()), &Ok(pattern.clone()));
        }
    }
}
