//! Documents at random, and what may become of them on their way.

use proptest::{collection::vec, prelude::*, sample::select};

use super::documents::NASTY;

pub(super) fn number() -> impl Strategy<Value = String> {
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

pub(super) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-zA-Z0-9 ]{0,8}",
        2 => "([a-z]|é|😀|\\\\n|\\\\u00e9|\\\\\"|\\\\\\\\|\\\\ud83d\\\\ude00|\\\\/){0,40}",
        1 => "([a-z]|\\\\ud800|\\\\u0000|\\\\q|\u{1}|\\\\u12){0,6}",
    ]
}

pub(super) fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(vec!["a", "b", "c", "d", "e", "f", "t", "bytes", "A", "B", "C", "D", "1", "2", "-3", "true"]).prop_map(str::to_owned),
        1 => text(),
    ]
}

pub(super) fn document() -> impl Strategy<Value = String> {
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
pub(super) enum Mutation {
    Replace(usize, u8),
    Insert(usize, u8),
    Remove(usize),
    Cut(usize),
    Copy(usize, usize, usize),
}

pub(super) fn mutation() -> impl Strategy<Value = Mutation> {
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

pub(super) fn mutate(document: &mut Vec<u8>, mutation: Mutation) {
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
