use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    num::NonZeroU8,
};

use serde::Deserialize;

use super::*;

fn read<'r, T: Deserialize<'r>>(raw: &'r str, scratch: &'r Scratch) -> Result<T, String> {
    let pairs = parse_pairs(raw, scratch, MAX_PAIRS).map_err(|error| error.to_string())?;
    from_pairs(&pairs).map_err(|error| error.to_string())
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Order {
    Up,
    Down,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Id(u64);

#[derive(Debug, PartialEq, Deserialize)]
struct Everything<'r> {
    text: &'r str,
    #[serde(borrow)]
    cow: Cow<'r, str>,
    owned: String,
    small: i8,
    huge: u128,
    least: i128,
    float: f32,
    flag: bool,
    letter: char,
    order: Order,
    id: Id,
    bytes: &'r [u8],
    pair: (u8, String),
    #[serde(default)]
    tags: Vec<&'r str>,
    unit: (),
    maybe: Option<u16>,
    note: Option<&'r str>,
    orders: BTreeSet<u8>,
}

#[test]
fn reads_every_type() {
    let scratch = Scratch::default();
    let raw = "text=a+b%21&cow=c&owned=d&small=-7&huge=340282366920938463463374607431768211455\
        &least=-170141183460469231731687303715884105728&float=1.5&flag=true&letter=%C3%BC&order=down&id=5&bytes=xyz\
        &pair=1&unit&unknown=1&pair=two&unknown=2&tags=a&tags=&orders=2&orders=1&note=";
    assert_eq!(
        read::<Everything<'_>>(raw, &scratch),
        Ok(Everything {
            text: "a b!",
            cow: Cow::Borrowed("c"),
            owned: "d".to_owned(),
            small: -7,
            huge: u128::MAX,
            least: i128::MIN,
            float: 1.5,
            flag: true,
            letter: 'ü',
            order: Order::Down,
            id: Id(5),
            bytes: b"xyz",
            pair: (1, "two".to_owned()),
            tags: vec!["a", ""],
            unit: (),
            maybe: None,
            note: Some(""),
            orders: BTreeSet::from([1, 2]),
        })
    );
}

#[derive(Debug, PartialEq, Deserialize)]
struct Page {
    page: Option<u32>,
    #[serde(default)]
    tag: Vec<String>,
}

#[test]
fn optional_and_repeated() {
    let scratch = Scratch::default();
    assert_eq!(read::<Page>("", &scratch), Ok(Page { page: None, tag: vec![] }));
    assert!(read::<Page>("page=", &scratch).is_err());
    assert_eq!(read::<Page>("page=2&tag=x", &scratch), Ok(Page { page: Some(2), tag: vec!["x".into()] }));
    assert_eq!(read::<Page>("page=1&page=2", &scratch), Err("page: given more than once".into()));
    assert_eq!(read::<Page>("page=1&page=1", &scratch), Err("page: given more than once".into()));
    assert_eq!(
        read::<Page>("page=x", &scratch),
        Err("page: invalid digit found in string, expected an integer from 0 to 4294967295".into())
    );
    assert_eq!(read::<Option<Page>>("", &scratch), Ok(None));
    assert_eq!(
        read::<HashMap<&str, Vec<u8>>>("a=1&b=2&a=3", &scratch),
        Ok([("a", vec![1, 3]), ("b", vec![2])].into())
    );
    assert_eq!(read::<HashMap<&str, &str>>("a=1&a=2", &scratch), Err("a: given more than once".into()));
    assert_eq!(read::<Vec<(&str, u8)>>("a=1&b=2&a=3", &scratch), Ok(vec![("a", 1), ("b", 2), ("a", 3)]));
    assert_eq!(read::<()>("a=1", &scratch), Ok(()));
    assert!(read::<u8>("a=1", &scratch).is_err());
    assert!(read::<Vec<u8>>("a=1", &scratch).is_err());
    assert_eq!(read::<HashMap<u8, [u8; 1]>>("1=1&1=2", &scratch), Err("1: given more than once".into()));
    assert_eq!(
        read::<HashMap<u8, [u8; 2]>>("1=1", &scratch),
        Err("1: invalid length 1, expected an array of length 2".into())
    );
}

#[test]
fn errors_name_the_parameter() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Strict {
        #[serde(alias = "b")]
        a: Option<NonZeroU8>,
        order: Order,
        c: Option<char>,
        d: Option<bool>,
        e: Option<Box<Strict>>,
    }
    let scratch = Scratch::default();
    for (raw, message) in [
        ("", "order: missing"),
        ("order=sideways", "order: unknown variant `sideways`, expected `up` or `down`"),
        ("order=up&x=1", "x: unknown parameter, expected one of `a`, `b`, `order`, `c`, `d`, `e`"),
        ("order=up&a=0", "a: invalid value: integer `0`, expected an integer from 0 to 255 other than 0"),
        ("order=up&a=256", "a: number too large to fit in target type, expected an integer from 0 to 255"),
        ("order=up&a=1&b=2", "a: given more than once"),
        ("order=up&c=ab", "c: invalid value: string \"ab\", expected a character"),
        ("order=up&d=on", "d: invalid value: string \"on\", expected `true` or `false`"),
        ("order=up&e=on", "e: invalid type: string \"on\", expected an object"),
        ("order=%ff", "order: its percent-encoded bytes are not UTF-8"),
        ("%ff", "a parameter's name: its percent-encoded bytes are not UTF-8"),
    ] {
        assert_eq!(read::<Strict>(raw, &scratch).map(|_| ()), Err(message.to_owned()), "{raw}");
    }
}

#[test]
fn flattened_and_untagged_values_are_strings() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Outer<'r> {
        a: u8,
        #[serde(flatten, borrow)]
        rest: BTreeMap<&'r str, serde_json::Value>,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(u8),
        Text(String),
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        One { b: String },
    }
    let scratch = Scratch::default();
    assert_eq!(
        read::<Outer<'_>>("a=1&b=2&c=3&c=4", &scratch),
        Ok(Outer { a: 1, rest: [("b", "2".into()), ("c", vec!["3", "4"].into())].into() })
    );
    assert_eq!(
        read::<HashMap<String, Either>>("a=1", &scratch),
        Ok([("a".into(), Either::Text("1".into()))].into())
    );
    assert_eq!(read::<Tagged>("b=x&kind=One", &scratch), Ok(Tagged::One { b: "x".into() }));
}

#[test]
fn many_pairs() {
    let scratch = Scratch::default();
    let raw: String = (0..500).flat_map(|n| [format!("a{n}=1&"), format!("a{n}={n}&")]).collect();
    let read_map = read::<BTreeMap<String, Vec<u16>>>(&raw, &scratch).unwrap();
    assert_eq!(read_map.len(), 500);
    assert!((0..500).all(|n| read_map[&format!("a{n}")] == [1, n]));
    let more = format!("{raw}b");
    assert_eq!(parse_pairs(&more, &scratch, MAX_PAIRS), Err(PairsError::TooMany { max: 1000 }));
}

#[test]
fn paths() {
    let one = [("id", "7")];
    let two = [("user", "ada"), ("id", "7")];
    #[derive(Debug, PartialEq, Deserialize)]
    struct ByName<'r> {
        id: u8,
        user: &'r str,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct InOrder<'r>(&'r str, u8);
    assert_eq!(from_path::<u8>(&one), Ok(7));
    assert_eq!(from_path::<Id>(&one), Ok(Id(7)));
    assert_eq!(from_path::<&str>(&one), Ok("7"));
    assert_eq!(from_path::<Option<&str>>(&one), Ok(Some("7")));
    assert_eq!(from_path::<(u8,)>(&one), Ok((7,)));
    assert_eq!(from_path::<Order>(&[("order", "up")]), Ok(Order::Up));
    assert_eq!(from_path::<ByName<'_>>(&two), Ok(ByName { id: 7, user: "ada" }));
    assert_eq!(from_path::<InOrder<'_>>(&two), Ok(InOrder("ada", 7)));
    assert_eq!(from_path::<(String, i64)>(&two), Ok(("ada".into(), 7)));
    assert_eq!(from_path::<Vec<&str>>(&two), Ok(vec!["ada", "7"]));
    assert_eq!(from_path::<HashMap<&str, &str>>(&two), Ok(two.into()));
    assert_eq!(from_path::<()>(&two), Ok(()));
    let message = |error: Error| error.to_string();
    assert_eq!(
        from_path::<(u8, u8)>(&two).map_err(message),
        Err("user: invalid digit found in string, expected an integer from 0 to 255".into())
    );
    assert_eq!(
        from_path::<u8>(&two).map_err(message),
        Err("invalid length 2, expected exactly one parameter".into())
    );
    assert_eq!(
        from_path::<(String,)>(&two).map_err(message),
        Err("invalid length 2, expected 1 parameters".into())
    );
    assert_eq!(
        from_path::<(u8, u8)>(&one).map_err(message),
        Err("invalid length 1, expected an array of 2 elements".into())
    );
}
