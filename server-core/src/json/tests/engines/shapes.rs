//! What documents are read as: one type of each kind that serde makes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// A document without repeated keys.
pub(super) struct Unique;

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
pub(super) type HashMap1 = BTreeMap<String, Value>;

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
pub(super) struct Borrowed<'r> {
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
pub(super) struct Strict<'r> {
    a: &'r str,
    b: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
#[allow(dead_code)]
pub(super) struct Numbers {
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
pub(super) enum Untagged<'r> {
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
pub(super) enum Internal<'r> {
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
pub(super) enum Adjacent<'r> {
    A(u8, f32),
    B(&'r str),
    C,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
pub(super) enum External<'r> {
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
pub(super) struct Outer {
    a: Option<f64>,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unit {
    A,
    B,
}

#[derive(Debug, Deserialize)]
#[serde(field_identifier)]
#[allow(dead_code)]
pub(super) enum Field {
    A,
    B,
    Other(String),
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
pub(super) struct Tuple(u8, Option<f32>);

#[derive(Debug, Deserialize)]
pub(super) struct UnitStruct;

/// Makes nothing of what it cannot read.
#[derive(Debug)]
#[allow(dead_code)]
pub(super) struct Lenient<'r>(Option<&'r str>, Option<f32>);

impl<'r> Deserialize<'r> for Lenient<'r> {
    fn deserialize<D: serde::Deserializer<'r>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(None, f32::deserialize(deserializer).ok()))
    }
}
