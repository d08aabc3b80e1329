#[cfg(feature = "simd-json")]
mod engines;
use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::{Value, json};

use super::*;

fn read<T: for<'r> Deserialize<'r>>(body: &str) -> Result<T, JsonError> {
    from_body(body.as_bytes(), &mut Vec::new(), &Scratch::default())
}

fn refused<T: for<'r> Deserialize<'r>>(body: &str) -> (Option<String>, String) {
    match read::<T>(body) {
        Ok(_) => panic!("{body} was accepted"),
        Err(error) => (error.pointer, error.detail),
    }
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order<'r> {
    #[serde(default)]
    note: &'r str,
    #[serde(default)]
    bytes: &'r [u8],
    #[serde(default, borrow)]
    items: Vec<Item<'r>>,
    #[serde(default, borrow)]
    labels: HashMap<&'r str, &'r str>,
    #[serde(default)]
    counts: BTreeMap<u8, u8>,
    #[serde(default)]
    shape: Option<Shape>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Item<'r> {
    name: &'r str,
    count: u8,
}

#[derive(Debug, PartialEq, Deserialize)]
enum Shape {
    Dot,
    Circle(f32),
    Line(u8, u8),
    Box { width: u8 },
}

#[test]
fn escapes_go_into_borrowed_strings() {
    let (body, mut spare, scratch) = (
        br#"{"note":"a\nb","bytes":"\"","items":[{"name":"\u00fc","count":1}],"labels":{"k\t":"v","\/":"\\"}}"#,
        Vec::new(),
        Scratch::default(),
    );
    let order: Order<'_> = from_body(body, &mut spare, &scratch).unwrap();
    assert_eq!(
        order,
        Order {
            note: "a\nb",
            bytes: b"\"",
            items: vec![Item { name: "ü", count: 1 }],
            labels: [("k\t", "v"), ("/", "\\")].into(),
            counts: BTreeMap::new(),
            shape: None,
        }
    );
    let order: Order<'_> = from_slice(body, &scratch).unwrap();
    assert_eq!(order.note, "a\nb");
}

#[test]
fn errors_name_the_place() {
    let scratch = Scratch::default();
    for (body, pointer, detail) in [
        (
            r#"{"items":[{"name":"a","count":1},{"name":"b","count":256}]}"#,
            "/items/1/count",
            "invalid value: integer `256`, expected an integer from 0 to 255",
        ),
        (r#"{"items":[{"name":"a"}]}"#, "/items/0", "missing field `count`"),
        (r#"{"items":{}}"#, "/items", "invalid type: object, expected an array"),
        (
            r#"{"items":[{"name":"a","count":"x"}]}"#,
            "/items/0/count",
            "invalid type: string \"x\", expected an integer from 0 to 255",
        ),
        (r#"{"items":[7]}"#, "/items/0", "invalid type: integer `7`, expected an object"),
        (
            r#"{"a/b~":1}"#,
            "/a~1b~0",
            "unknown field `a/b~`, expected one of `note`, `bytes`, `items`, `labels`, `counts`, `shape`",
        ),
        (r#"{"labels":{"x/\n":null}}"#, "/labels/x~1\n", "invalid type: null, expected a string"),
        (
            r#"{"counts":{"7":300}}"#,
            "/counts/7",
            "invalid value: integer `300`, expected an integer from 0 to 255",
        ),
        (r#"{"note":1.5}"#, "/note", "invalid type: floating point `1.5`, expected a string"),
        (
            r#"{"shape":{"Line":[1,true]}}"#,
            "/shape/Line/1",
            "invalid type: boolean `true`, expected an integer from 0 to 255",
        ),
        (r#"{"shape":{"Line":[1]}}"#, "/shape/Line", "invalid length 1, expected an array of 2 elements"),
        (
            r#"{"shape":{"Box":{"width":-1}}}"#,
            "/shape/Box/width",
            "invalid value: integer `-1`, expected an integer from 0 to 255",
        ),
        (r#"{"shape":"Circle"}"#, "/shape", "invalid type: unit variant, expected newtype variant"),
        (
            r#"{"shape":"Oval"}"#,
            "/shape",
            "unknown variant `Oval`, expected one of `Dot`, `Circle`, `Line`, `Box`",
        ),
        (r#"{"shape":[]}"#, "/shape", "invalid type, expected the name of a variant or an object of one"),
        (r#"{"note":"a","note":"b"}"#, "", "duplicate field `note`"),
        (r#"17"#, "", "invalid type: integer `17`, expected an object"),
    ] {
        let error = from_body::<Order<'_>>(body.as_bytes(), &mut Vec::new(), &scratch).unwrap_err();
        assert_eq!((error.pointer.as_deref(), &error.detail[..]), (Some(pointer), detail), "{body}");
        assert!(error.is_data() && !error.is_syntax());
    }
}

#[test]
fn grammar() {
    assert_eq!(refused::<Value>(""), (None, "the document is empty".into()));
    assert_eq!(refused::<Value>(" \n"), (None, "the document is empty".into()));
    assert_eq!(
        refused::<Value>("[1,"),
        (None, "the document ends before it is complete at line 1 column 3".into())
    );
    assert_eq!(refused::<Value>("[1,\n]"), (None, "trailing comma at line 2 column 1".into()));
    assert_eq!(refused::<Value>("{} x"), (None, "trailing characters at line 1 column 4".into()));
    assert_eq!(refused::<u8>("300 x").1, "invalid value: integer `300`, expected an integer from 0 to 255");
    let error = from_body::<Value>(b"\"\xff\"", &mut Vec::new(), &Scratch::default()).unwrap_err();
    assert!(error.is_not_utf8() && error.is_syntax());
    assert_eq!(error.detail, "not UTF-8 at byte 1");
    assert!(read::<Value>("{").unwrap_err().is_eof());
}

#[test]
fn depth_is_limited_in_both_readings() {
    let nested = |depth: usize, inner: &str| format!("{}{inner}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(read::<Value>(&nested(127, "1")).is_ok());
    assert_eq!(refused::<Value>(&nested(128, "1")).1, "recursion limit exceeded");

    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Deep<'r>(#[serde(borrow)] Vec<Deep<'r>>, &'r str);
    let scratch = Scratch::default();
    let deep = |depth: usize| format!("{}[[],\"\\n\"]{}", "[[".repeat(depth), "],\"\\n\"]".repeat(depth));
    assert!(from_slice::<Deep<'_>>(deep(62).as_bytes(), &scratch).is_ok());
    let error = from_slice::<Deep<'_>>(deep(1000).as_bytes(), &scratch).unwrap_err();
    assert!(error.is_data() && error.detail == "recursion limit exceeded", "{error}");
}

#[test]
fn errors_stay_small() {
    let long = "x".repeat(1 << 20);
    let error = read::<HashMap<String, u8>>(&json!({ &long: long }).to_string()).unwrap_err();
    assert!(
        error.detail.len() < 300 && error.detail.ends_with("expected an integer from 0 to 255"),
        "{error}"
    );
    assert_eq!(error.pointer.as_deref(), Some(""));
}

#[test]
fn writes_into_one_buffer() {
    assert_eq!(to_bytes(&json!({ "a": [1, 2.5, null] })).unwrap(), br#"{"a":[1,2.5,null]}"#);
    assert!(to_bytes(&HashMap::from([((1, 2), 3)])).is_err());
}

#[test]
fn boolean_keys() {
    assert_eq!(read::<BTreeMap<bool, u8>>(r#"{"true":1}"#), Ok([(true, 1)].into()));
    for body in
        [r#"{"é":1}"#, r#"{"a":1}"#, r#"{"\u00e9":1}"#, r#"{"tru":1}"#, r#"{"":1}"#, r#"{"😀":1}"#, "{\"é"]
    {
        assert!(read::<BTreeMap<bool, u8>>(body).is_err(), "{body}");
    }
    assert_eq!(
        refused::<BTreeMap<bool, u8>>(r#"{"é":1}"#),
        (Some(String::new()), "invalid type: string \"é\", expected a boolean".into())
    );
    assert_eq!(read::<String>(r#""é""#), Ok("é".to_owned()));
    let places = [
        ("{\"é\":1}", true),
        ("{ \n\"é\":1}", true),
        ("{\"a\":1, \"é\"", true),
        ("{\"a\": \"é\"}", false),
        ("{\"a\":\"é\"}", false),
        ("[\"é\"]", false),
        ("\"é\"", false),
        ("{\"aé\":1}", false),
        ("\"", false),
        ("", false),
    ];
    for (body, expected) in places {
        assert_eq!(may_have_key_beyond_ascii(body.as_bytes()), expected, "{body}");
    }
}

#[test]
fn faults_that_serde_json_takes_for_grammar() {
    let at = |pointer: &str, detail: &str| (Some(pointer.to_owned()), detail.to_owned());
    assert_eq!(refused::<Vec<u128>>("[7, 1.5]"), at("/1", "expected an integer"));
    assert_eq!(refused::<BTreeMap<String, i128>>(r#"{"a":1.5,"b":2}"#), at("/a", "expected an integer"));
    assert_eq!(refused::<u128>("1.5"), at("", "more follows than was expected"));
    assert_eq!(refused::<Vec<(u8, u8)>>("[[1,2,3]]"), at("/0", "more follows than was expected"));
    assert_eq!(refused::<Vec<f64>>("[1,1e400]"), at("/1", "number out of range"));
    assert_eq!(refused::<Vec<String>>(r#"["\ud800"]"#), at("/0", "unexpected end of hex escape"));
    assert_eq!(
        refused::<BTreeMap<u8, u8>>(r#"{"1":1,"x":2}"#),
        at("", "invalid value: expected key to be a number in quotes")
    );
}
