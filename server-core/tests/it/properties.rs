//! Any text, in any escapes, against the `percent-encoding` crate.

use std::fmt::Write as _;

use futures_util::FutureExt as _;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use proptest::prelude::*;
use proptest::sample::select;
use waypost::test::Client;
use waypost::{App, Respond, get, routes};

use crate::support;

#[get("/p/{value}/end")]
async fn in_path(value: String) -> Vec<u8> {
    value.into()
}

#[get("/rest/{*value}")]
async fn in_rest(value: String) -> Vec<u8> {
    value.into()
}

#[get("/q?{value}")]
async fn in_query(value: String) -> Vec<u8> {
    value.into()
}

#[get("/many?{value}")]
async fn in_list(value: Vec<String>) -> String {
    format!("{value:?}")
}

/// Status and text of the answer to a GET, outside of a runtime.
pub(crate) fn ask(app: impl Respond, target: &str) -> (u16, String) {
    // Nothing in it has to wait.
    support::get(app, target).now_or_never().unwrap()
}

fn app() -> impl Respond {
    App::new(routes![in_path, in_rest, in_query, in_list])
}

/// What an escaped text stands for, or nothing where that is no text.
fn decoded(raw: &str) -> Option<String> {
    Some(percent_decode_str(raw).decode_utf8().ok()?.into_owned())
}

/// The same of a form's text.
fn decoded_form(raw: &str) -> Option<String> {
    decoded(&raw.replace('+', "%20"))
}

/// Text with more escapes, real and false ones, than chance would make.
fn escaped() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "%",
        "%%",
        "%2",
        "%2F",
        "%2f",
        "%25",
        "%2541",
        "%41",
        "%7E",
        "%7e",
        "%C3%BC",
        "%c3",
        "%BC",
        "%FF",
        "%00",
        "%zz",
        "4",
        "1",
        "34",
        "F",
        "a",
        "-",
        "~",
        ".",
        "+",
        "=",
        ":",
        "%E2%82%AC",
        "%ED%A0%80",
        "%34",
        "%31",
    ]);
    proptest::collection::vec(piece, 1..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_goes_through_a_path_that_was_built_of_it(value in "\\PC+|.+") {
        prop_assert_eq!(ask(app(), &in_path::uri(&value)), (200, value));
    }

    #[test]
    fn any_text_goes_through_a_catch_all(value in "[a-c/%ü. ]{1,12}") {
        prop_assert_eq!(ask(app(), &in_rest::uri(&value)), (200, value));
    }

    #[test]
    fn any_text_goes_through_a_query(value in "\\PC*|.*") {
        let target = format!("/q?value={}", utf8_percent_encode(&value, NON_ALPHANUMERIC));
        prop_assert_eq!(ask(app(), &target), (200, value.clone()));
        let reply = Client::new(app()).get("/q").query([("value", &value)]).send().now_or_never().unwrap();
        prop_assert_eq!(reply.text().now_or_never().unwrap(), value);
    }

    #[test]
    fn escapes_in_a_path_are_read_as_percent_encoding_reads_them(raw in escaped()) {
        let (status, text) = ask(app(), &format!("/p/{raw}/end"));
        match decoded(&raw) {
            Some(value) => prop_assert_eq!((status, text), (200, value)),
            None => prop_assert_eq!(status, 400),
        }
    }

    #[test]
    fn escapes_in_a_query_are_read_as_percent_encoding_reads_them(raws in proptest::collection::vec(escaped(), 1..4)) {
        let mut target = "/many?other=1".to_owned();
        for raw in &raws {
            write!(target, "&value={raw}").unwrap();
        }
        let (status, text) = ask(app(), &target);
        match raws.iter().map(|raw| decoded_form(raw)).collect::<Option<Vec<_>>>() {
            Some(values) => prop_assert_eq!((status, text), (200, format!("{values:?}"))),
            None => prop_assert_eq!(status, 400),
        }
    }

    #[test]
    fn an_unreserved_character_may_always_be_escaped(text in "[A-Za-z0-9._~-]{1,10}") {
        let escaped: String = format!("/p/{text}/end").bytes().fold(String::new(), |mut all, byte| {
            if byte == b'/' { all.push('/') } else { write!(all, "%{byte:02x}").unwrap() }
            all
        });
        prop_assert_eq!(ask(app(), &escaped), (200, text));
    }
}
