//! The two JSON engines accept and refuse the same documents and read the same values.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    fmt::Debug,
    num::NonZeroU8,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

use crate::json;
use crate::scratch::Scratch;
use proptest::{collection::vec, prelude::*, sample::select};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, value::RawValue};

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

/// A document without repeated keys.
struct Unique;

impl<'r> Deserialize<'r> for Unique {
    fn deserialize<D: serde::Deserializer<'r>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Unique)
    }
}

impl<'r> serde::de::Visitor<'r> for Unique {
    type Value = Self;
    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("anything")
    }
    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(Self)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(Self)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(Self)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(Self)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(Self)
    }
    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(Self)
    }
    fn visit_seq<A: serde::de::SeqAccess<'r>>(self, mut seq: A) -> Result<Self, A::Error> {
        while seq.next_element::<Self>()?.is_some() {}
        Ok(Self)
    }
    fn visit_map<A: serde::de::MapAccess<'r>>(self, mut map: A) -> Result<Self, A::Error> {
        let mut keys = std::collections::HashSet::new();
        while let Some((key, _)) = map.next_entry::<String, Self>()? {
            if !keys.insert(key) {
                return Err(serde::de::Error::custom("repeated key"));
            }
        }
        Ok(Self)
    }
}

/// Ordered, so that its Debug is.
type HashMap1 = BTreeMap<String, Value>;

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Borrowed<'r> {
    #[serde(default)]
    a: Option<&'r str>,
    #[serde(default, borrow)]
    b: Option<Cow<'r, str>>,
    #[serde(default, borrow)]
    c: Vec<Borrowed<'r>>,
    #[serde(default, borrow)]
    d: BTreeMap<&'r str, &'r str>,
    #[serde(default)]
    bytes: Option<&'r [u8]>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Strict<'r> {
    a: &'r str,
    b: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
#[allow(dead_code)]
struct Numbers {
    a: Option<i8>,
    b: Option<u16>,
    c: Option<i64>,
    d: Option<u64>,
    e: Option<f32>,
    f: Option<f64>,
    bytes: Option<i128>,
    t: Option<u128>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
#[allow(dead_code)]
enum Untagged<'r> {
    Null,
    Bool(bool),
    Small(u8),
    Integer(i64),
    Float(f64),
    Text(Cow<'r, str>),
    Map { a: u8 },
    List(Vec<Untagged<'r>>),
}

#[derive(Debug, Deserialize)]
#[serde(tag = "t")]
#[allow(dead_code)]
enum Internal<'r> {
    A {
        a: f32,
    },
    B {
        #[serde(borrow)]
        b: Cow<'r, str>,
    },
    C,
    D(Box<Numbers>),
}

#[derive(Debug, Deserialize)]
#[serde(tag = "t", content = "c")]
#[allow(dead_code)]
enum Adjacent<'r> {
    A(u8, f32),
    B(&'r str),
    C,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
enum External<'r> {
    A,
    B(&'r str),
    C(u8, f64),
    D {
        a: i8,
    },
    #[serde(other)]
    E,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Outer {
    a: Option<f64>,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
enum Unit {
    A,
    B,
}

#[derive(Debug, Deserialize)]
#[serde(field_identifier)]
#[allow(dead_code)]
enum Field {
    A,
    B,
    Other(String),
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Tuple(u8, Option<f32>);

#[derive(Debug, Deserialize)]
struct UnitStruct;

/// Makes nothing of what it cannot read.
#[derive(Debug)]
#[allow(dead_code)]
struct Lenient<'r>(Option<&'r str>, Option<f32>);

impl<'r> Deserialize<'r> for Lenient<'r> {
    fn deserialize<D: serde::Deserializer<'r>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(None, f32::deserialize(deserializer).ok()))
    }
}

const NASTY: &[&str] = &[
    "",
    " ",
    "\u{feff}1",
    "\u{feff}",
    "1\u{feff}",
    "null",
    "nul",
    "nulll",
    "true",
    "truex",
    "tru",
    "false",
    "falsee",
    "True",
    "NaN",
    "Infinity",
    "-Infinity",
    "-",
    "+1",
    "1.",
    ".5",
    "-.5",
    "1e",
    "1e+",
    "1.e5",
    "01",
    "-01",
    "00",
    "0x10",
    "1_000",
    "0",
    "-0",
    "-0.0",
    "0.0",
    "0e0",
    "-0e1",
    "0e99999999999",
    "1e-99999999999",
    "1e99999999999",
    "1e400",
    "-1e400",
    "1e308",
    "1.8e308",
    "1.7976931348623157e308",
    "1.7976931348623159e308",
    "5e-324",
    "2e-324",
    "2.4703282292062328e-324",
    "1e-400",
    "1.0",
    "1e0",
    "1E5",
    "1e+5",
    "1e-0",
    "100e-2",
    "255",
    "256",
    "-128",
    "-129",
    "1.5",
    "0.1",
    "0.30000000000000004",
    "9007199254740993",
    "9007199254740993.0",
    "18446744073709551615",
    "18446744073709551616",
    "18446744073709551615.0",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "28446744073709551615",
    "99999999999999999999",
    "184467440737095516150",
    "340282366920938463463374607431768211455",
    "340282366920938463463374607431768211456",
    "-170141183460469231731687303715884105728",
    "123456789012345678901234567890",
    "1.00000005960464477539062500",
    "1.00000005960464477539062501",
    "1.000000059604644775390625",
    "3.4028235e38",
    "3.4028236e38",
    "3.40282356779733661637539395458142568447e38",
    "1e-45",
    "7.006492321624085e-46",
    "1e-40",
    "0.000000000000000000000000000000000000000000000000001",
    "123456789.123456789123456789",
    "8.988465674311582e307",
    "2.2250738585072011e-308",
    "2.2250738585072014e-308",
    "6929495644600919.5",
    "3.7455744005952583e15",
    "0.000000000000000000000000000000000000000000011754944210692441",
    "7.2057594037927933e+16",
    "31.245270191439438",
    "121.48791951161945",
    "100000000000000000000000000000000000000000000000000000000000.5",
    "\"",
    "\"\"",
    "\"a",
    "\"\\\"",
    "\"\\u00e9\"",
    "\"\\ud800\"",
    "\"\\udc00\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud83dx\"",
    "\"\\ud83d\\n\"",
    "\"\\ud83d\\u0041\"",
    "\"\\ud83d\\ud83d\"",
    "\"\\uDBFF\\uDFFF\"",
    "\"\\u\"",
    "\"\\u12\"",
    "\"\\u12g4\"",
    "\"\\x41\"",
    "\"\\a\"",
    "\"\\/\\b\\f\\n\\r\\t\\\\\\\"\"",
    "\"\\u0000\"",
    "\"\u{0}\"",
    "\"\u{1f}\"",
    "\"\t\"",
    "\"\n\"",
    "\"\u{7f}\"",
    "\"\u{2028}\"",
    "\"é\"",
    "\"😀\"",
    "'a'",
    "\"A\"",
    "\"B\"",
    "\"a\"\"b\"",
    "\"\\u0041\"",
    "[",
    "]",
    "[]",
    "[,]",
    "[1,]",
    "[1 2]",
    "[1,,2]",
    "[1]]",
    "[1] x",
    "[1]\u{0}",
    "[1] \n\t\r",
    "[1]\u{c}",
    "[1]\u{b}",
    "[1]\u{a0}",
    "\u{a0}[1]",
    "[1]//",
    "/**/[1]",
    "[1,2",
    "[[1],",
    "[true,false,null]",
    "[truefalse]",
    "[true false]",
    "[nulll]",
    "[1.5,-0,0,1e5]",
    "[\"a\",\"\\n\"]",
    "[1,\"\\u0061\"]",
    "[1,\"x\"]",
    "[1,\"x\",2]",
    "[1]",
    "[0,0]",
    "[-0.0,-0]",
    "[\"A\",\"B\"]",
    "[{\"A\":null},{\"A\":1}]",
    "[null,null]",
    "[{},[]]",
    "{",
    "}",
    "{}",
    "{,}",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{a:1}",
    "{'a':1}",
    "{\"a\":1 \"b\":2}",
    "{\"a\":1}}",
    "{1:2}",
    "{null:1}",
    "{\"a\":1,\"a\":2}",
    "{\"a\":1,\"b\":{\"a\":1,\"a\":3}}",
    "{\"\\u0061\":1}",
    "{\"\\u0061\":1,\"a\":2}",
    "{\"\":1}",
    "{\"1\":1}",
    "{\"01\":1}",
    "{\"-0\":1}",
    "{\"-1\":1}",
    "{\"+1\":1}",
    "{\"1.0\":1}",
    "{\" 1\":1}",
    "{\"1 \":1}",
    "{\"\\u0031\":1}",
    "{\"1e2\":1}",
    "{\"true\":1}",
    "{\"tru\\u0065\":1}",
    "{\"256\":1}",
    "{\"18446744073709551616\":1}",
    "{\"1\":1,\"1\":2}",
    "{\"t\":\"A\",\"a\":1.5}",
    "{\"t\":0,\"a\":1.5}",
    "{\"t\":\"\\u0041\",\"a\":1}",
    "{\"a\":1.00000005960464477539062501,\"t\":\"A\"}",
    "{\"t\":\"B\",\"b\":\"x\\ny\"}",
    "{\"b\":\"x\",\"t\":\"B\",\"t\":\"B\"}",
    "{\"t\":\"C\"}",
    "{\"t\":\"C\",\"x\":1}",
    "{\"t\":2}",
    "{\"t\":\"D\",\"a\":1,\"f\":1,\"e\":1.5}",
    "{\"t\":\"A\",\"c\":[1,2.5]}",
    "{\"c\":[1,2.5],\"t\":\"A\"}",
    "{\"t\":\"B\",\"c\":\"\\n\"}",
    "{\"t\":\"A\",\"c\":[1]}",
    "{\"t\":1,\"c\":\"x\"}",
    "{\"A\":null}",
    "{\"A\":1}",
    "{\"B\":\"\\t\"}",
    "{\"C\":[1,2]}",
    "{\"C\":[1,2,3]}",
    "{\"D\":{\"a\":1}}",
    "{\"D\":[1]}",
    "{\"D\":{\"a\":1},\"A\":null}",
    "{\"E\":1}",
    "{\"Z\":1}",
    "\"Z\"",
    "\"\\u0041\"",
    "{\"a\":\"x\",\"b\":1}",
    "{\"a\":\"\\n\",\"b\":null}",
    "{\"a\":\"x\",\"z\":1}",
    "{\"a\":\"\\ud800\"}",
    "{\"z\":\"\\ud800\"}",
    "{\"z\":1e400}",
    "{\"z\":01}",
    "{\"a\":-0,\"b\":-0,\"c\":-0,\"d\":-0,\"e\":-0,\"f\":-0,\"bytes\":-0}",
    "{\"t\":-0}",
    "{\"d\":1.0}",
    "{\"bytes\":[1,2]}",
    "{\"bytes\":\"\\u00ff\"}",
    "[{\"a\":1},{\"a\":\"x\"},[]]",
    "{\"c\":[{\"a\":\"\\n\"},[\"x\"]]}",
    "[\"x\",\"y\",[],{},\"z\"]",
    "[\"x\",\"y\",[],{}]",
    "{\"$serde_json::private::RawValue\":\"1\"}",
    "{\"$serde_json::private::Number\":\"1\"}",
    "[[1,2],[3]]",
    "[1.5,\"x\",1.00000005960464477539062501,{},1]",
];

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

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<u64>().prop_map(|number| number.to_string()),
        (-300i32..300).prop_map(|number| number.to_string()),
        any::<f64>()
            .prop_filter("finite", |number| number.is_finite())
            .prop_map(|number| format!("{number:?}")),
        any::<f64>()
            .prop_filter("finite", |number| number.is_finite())
            .prop_map(|number| format!("{number:.25e}")),
        any::<f32>()
            .prop_filter("finite", |number| number.is_finite())
            .prop_map(|number| format!("{number:?}")),
        // Halfway between two f32, and a little beside it.
        (any::<f32>(), select(vec!["", "0000000001", "1"]))
            .prop_filter("normal", |(number, _)| number.is_normal())
            .prop_map(|(number, tail)| {
                let halfway = f64::from_bits(f64::from(number).to_bits() | 1 << 28);
                match format!("{halfway:.60e}").split_once('e') {
                    Some((digits, exponent)) => format!("{digits}{tail}e{exponent}"),
                    None => "0".to_owned(),
                }
            }),
        "-?(0|[1-9][0-9]{0,24})(\\.[0-9]{1,25})?([eE][-+]?[0-9]{1,3})?",
        select(NASTY).prop_map(str::to_owned),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-zA-Z0-9 ]{0,8}",
        2 => "([a-z]|é|😀|\\\\n|\\\\u00e9|\\\\\"|\\\\\\\\|\\\\ud83d\\\\ude00|\\\\/){0,40}",
        1 => "([a-z]|\\\\ud800|\\\\u0000|\\\\q|\u{1}|\\\\u12){0,6}",
    ]
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(vec!["a", "b", "c", "d", "e", "f", "t", "bytes", "A", "B", "C", "D", "1", "2", "-3", "true"]).prop_map(str::to_owned),
        1 => text(),
    ]
}

fn document() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        select(vec!["null", "true", "false", "\"A\"", "\"B\"", "0", "1", "1.5"]).prop_map(str::to_owned),
        number(),
        text().prop_map(|text| format!("\"{text}\"")),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(|elements| format!("[{}]", elements.join(","))),
            vec((key(), inner.clone()), 0..6).prop_map(|members| {
                let members: Vec<_> =
                    members.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
                format!("{{{}}}", members.join(", "))
            }),
            vec(number(), 0..12).prop_map(|elements| format!("[{}]", elements.join(" , "))),
            inner.prop_map(|value| format!(" [ {value} ]\n")),
        ]
    })
}

#[derive(Debug, Clone)]
enum Mutation {
    Replace(usize, u8),
    Insert(usize, u8),
    Remove(usize),
    Cut(usize),
    Copy(usize, usize, usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let byte = || prop_oneof![4 => select(&b"{}[]\",:\\0123456789.-+eEtfnaul \n\t\xc3\xa9\xff\x00"[..]), 1 => any::<u8>()];
    prop_oneof![
        (any::<usize>(), byte()).prop_map(|(at, byte)| Mutation::Replace(at, byte)),
        (any::<usize>(), byte()).prop_map(|(at, byte)| Mutation::Insert(at, byte)),
        any::<usize>().prop_map(Mutation::Remove),
        any::<usize>().prop_map(Mutation::Cut),
        (any::<usize>(), any::<usize>(), any::<usize>())
            .prop_map(|(from, len, to)| Mutation::Copy(from, len, to)),
    ]
}

fn mutate(document: &mut Vec<u8>, mutation: Mutation) {
    let len = document.len();
    if len == 0 {
        return;
    }
    match mutation {
        Mutation::Replace(at, byte) => document[at % len] = byte,
        Mutation::Insert(at, byte) => document.insert(at % (len + 1), byte),
        Mutation::Remove(at) => drop(document.remove(at % len)),
        Mutation::Cut(at) => document.truncate(at % len),
        Mutation::Copy(from, count, to) => {
            let from = from % len;
            let piece = document[from..from + count % (len - from).clamp(1, 20)].to_vec();
            let to = to % (len + 1);
            document.splice(to..to, piece);
        }
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
