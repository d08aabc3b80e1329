//! The two JSON engines accept and refuse the same documents and read the same values.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU8;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use proptest::{collection::vec, prelude::*};
use serde::de::IgnoredAny;
use serde_json::{Value, value::RawValue};

use crate::json;
use crate::scratch::Scratch;

mod documents;
mod generate;
mod shapes;

use documents::NASTY;
use generate::{document, mutate, mutation, number};
use shapes::*;

static BY_SIMD: AtomicUsize = AtomicUsize::new(0);
static BY_FALLBACK: AtomicUsize = AtomicUsize::new(0);
static REFUSED: AtomicUsize = AtomicUsize::new(0);

macro_rules! compare {
    ($document:expr; $($type:ty),* $(,)?) => {$({
        let document: &[u8] = $document;
        let (scratch, mut spare, mut spare_too) = (Scratch::default(), Vec::new(), Vec::new());
        // Debug shows floats to the last bit, and minus nought.
        let serde = json::from_slice::<$type>(document, &scratch).map(|value| format!("{value:?}"));
        let simd = json::simd::from_body::<$type>(document, &mut spare).map(|value| format!("{value:?}"));
        let body = json::from_body::<$type>(document, &mut spare_too, &scratch).map(|value| format!("{value:?}"));
        match (&serde, &simd) {
            (Ok(_), Some(_)) => &BY_SIMD,
            (Ok(_), None) => &BY_FALLBACK,
            (Err(_), _) => &REFUSED,
        }.fetch_add(1, Relaxed);
        if let Some(simd) = simd {
            assert_eq!(Ok(&simd), serde.as_ref(), "{} from {:?}", stringify!($type), String::from_utf8_lossy(document));
        }
        if let Err(error) = &serde {
            assert_points_into(document, error);
        }
        assert_eq!(body, serde, "{} from {:?}", stringify!($type), String::from_utf8_lossy(document));
    })*};
}

fn compare_all(document: &[u8]) {
    compare! { document;
        Value, IgnoredAny, Borrowed<'_>, Strict<'_>, Numbers, Untagged<'_>, Internal<'_>, Adjacent<'_>, External<'_>, Outer,
        HashMap1, Vec<f64>, Vec<f32>, Vec<u8>, Vec<i64>, Vec<u128>, Vec<i128>, Vec<Option<&str>>, Vec<char>, Vec<bool>,
        BTreeMap<u64, Value>, BTreeMap<i8, Value>, BTreeMap<bool, Value>, BTreeMap<char, Value>, BTreeMap<Unit, Value>,
        BTreeMap<Option<u8>, Value>, BTreeMap<i128, Value>, Vec<Unit>, Vec<Field>, Vec<Lenient<'_>>, (u8, &str), [f64; 2],
        Option<Tuple>, Vec<()>, Vec<UnitStruct>, Box<RawValue>, Vec<Box<RawValue>>, Cow<'_, str>, &str, &[u8], String,
        f64, f32, u64, i64, u8, u128, i128, bool, char, (), Unit, Vec<serde_json::Number>, NonZeroU8,
    }
}

/// A pointer leads to a value of the document.
fn assert_points_into(document: &[u8], error: &json::JsonError) {
    assert_eq!(error.is_data(), error.pointer.is_some());
    // `Value` itself takes these for something else.
    if String::from_utf8_lossy(document).contains("$serde_json::private") {
        return;
    }
    let (Some(pointer), Ok(_), Ok(value)) = (
        &error.pointer,
        serde_json::from_slice::<Unique>(document),
        serde_json::from_slice::<Value>(document),
    ) else {
        return;
    };
    assert!(value.pointer(pointer).is_some(), "{error:?} for {:?}", String::from_utf8_lossy(document));
}

#[test]
fn nasty_documents() {
    for document in NASTY {
        compare_all(document.as_bytes());
        for wrapped in [
            format!("[{document}]"),
            format!("{{\"a\":{document}}}"),
            format!("[1,{document},2]"),
            format!(" {document} \r\n"),
            format!("{{\"b\":{document},\"t\":\"A\"}}"),
            format!("[0.5,{document}]"),
            format!("{{\"e\":{document},\"f\":{document}}}"),
        ] {
            compare_all(wrapped.as_bytes());
        }
    }
    for bytes in [
        &b"\xff"[..],
        b"\"\xff\"",
        b"\"\xc3\"",
        b"\"\xed\xa0\x80\"",
        b"\"\xf4\x90\x80\x80\"",
        b"\"\xc0\x80\"",
        b"[1]\xff",
        b"{\"z\":\"\xff\"}",
    ] {
        compare_all(bytes);
    }
}

/// Every byte in every place that matters.
#[test]
fn odd_bytes() {
    for byte in 0..=255u8 {
        for document in [
            vec![byte],
            vec![b'"', byte, b'"'],
            vec![b'[', byte, b']'],
            vec![b'1', byte],
            vec![byte, b'1'],
            vec![b'[', b'1', byte, b']'],
            vec![b'[', b'1', byte, b'2', b']'],
            vec![b'"', b'\\', byte, b'"'],
            vec![b't', b'r', b'u', b'e', byte],
            vec![b'-', byte],
            vec![b'[', b'n', b'u', b'l', b'l', byte, b']'],
            vec![b'0', byte, b'5'],
            vec![b'1', b'e', byte, b'5'],
            [b"{\"a\"", &[byte][..], b"\"x\"}"].concat(),
            [b"{", &[byte][..], b"}"].concat(),
            [b"\"a\"", &[byte][..]].concat(),
        ] {
            compare_all(&document);
        }
    }
}

#[test]
fn depth() {
    for depth in [1, 50, 63, 64, 125, 126, 127, 128, 129, 200, 1023, 1024, 1025, 5000] {
        let arrays = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let objects = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        let mixed = format!("{}1{}", "[{\"a\":".repeat(depth / 2), "}]".repeat(depth / 2));
        for document in [
            &arrays,
            &objects,
            &mixed,
            &format!("{{\"z\":{arrays}}}"),
            &format!("{{\"a\":{arrays}}}"),
            &"[".repeat(depth),
            &format!("[\"{}\"]", "[".repeat(depth)),
            &format!("[{arrays},{arrays}]"),
        ] {
            compare_all(document.as_bytes());
        }
    }
}

/// Strings of every length around the widths that the engine reads at once, with an escape anywhere.
#[test]
fn widths() {
    for length in 0..140 {
        let text = "x".repeat(length);
        compare_all(format!("\"{text}\"").as_bytes());
        compare_all(
            format!("[\"{text}\",\"\\n{text}\",\"{text}\\u00e9\",\"{text}\\ud83d\\ude00{text}\"]").as_bytes(),
        );
        compare_all(format!("{{\"a\":\"{text}\\\\\",\"b\":\"{text}\\\"\"}}").as_bytes());
        compare_all(format!("{}[1]{}", " ".repeat(length), " ".repeat(length)).as_bytes());
        compare_all(format!("[{}5]", " ".repeat(length)).as_bytes());
        compare_all(format!("\"{text}").as_bytes());
        compare_all(format!("\"{text}\\").as_bytes());
        compare_all(format!("\"{text}\\\"").as_bytes());
        compare_all(format!("[\"{text}\u{1}\"]").as_bytes());
        compare_all(format!("{}{}", "1".repeat(length), ".5").as_bytes());
        compare_all(format!("1.{}", "3".repeat(length)).as_bytes());
        compare_all(format!("0.{}7", "0".repeat(length)).as_bytes());
        compare_all(format!("{}e-{length}", "9".repeat(length)).as_bytes());
    }
}

fn config() -> ProptestConfig {
    let cases = std::env::var("CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1500);
    ProptestConfig { failure_persistence: None, cases, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn documents(document in document()) {
        compare_all(document.as_bytes());
    }

    #[test]
    fn mutated_documents(document in document(), mutations in vec(mutation(), 1..4)) {
        let mut document = document.into_bytes();
        for mutation in mutations {
            mutate(&mut document, mutation);
        }
        compare_all(&document);
    }

    #[test]
    fn numbers(numbers in vec(number(), 1..8)) {
        let list = format!("[{}]", numbers.join(","));
        compare! { list.as_bytes(); Value, Vec<f64>, Vec<f32>, Vec<Untagged<'_>>, Vec<u128>, Vec<i128>, Vec<u64>, Vec<i64>, Vec<u8>, Vec<Lenient<'_>> }
        for number in &numbers {
            compare! { number.as_bytes(); Value, f64, f32, u64, i64, u128, i128, u8, i8 }
        }
    }
}

/// The engine under test does most of the work.
#[test]
fn the_fast_engine_is_used() {
    let list: Vec<String> = (0..1000)
        .map(|n| format!("{{\"a\":\"x\\n{n}\",\"c\":[{{\"a\":null}}],\"d\":{{\"k\":\"v\"}}}}"))
        .collect();
    let document = format!("[{}]", list.join(","));
    let mut spare = Vec::new();
    let read: Option<Vec<Borrowed<'_>>> = json::simd::from_body(document.as_bytes(), &mut spare);
    assert_eq!(read.map(|read| read.len()), Some(1000));
    for document in [
        "1",
        "[1.5]",
        "{\"1\":2}",
        "-1",
        "1.5e5",
        "\"x\"",
        "true",
        "[[[]]]",
        "{\"a\":{\"b\":[1,{\"c\":null}]}}",
    ] {
        let mut spare = Vec::new();
        assert!(json::simd::from_body::<Value>(document.as_bytes(), &mut spare).is_some(), "{document}");
    }
    compare! { b"{\"1\":2}"; HashMap<u8, u8> }
    let (simd, fallback) = (BY_SIMD.load(Relaxed), BY_FALLBACK.load(Relaxed));
    println!("{simd} by simd-json, {fallback} by serde_json after it, {} refused", REFUSED.load(Relaxed));
}
