//! `Accept-Encoding`, against a model that is written the other way round.

use futures_util::FutureExt as _;
use proptest::prelude::*;
use proptest::sample::select;
use waypost::test::Client;
use waypost::{App, Compression, routes};

use super::poem;

/// The coding of the answer to a request with these lines.
fn chosen(lines: &[String], brotli_first: bool) -> Option<String> {
    let compression = Compression::new();
    let compression = if brotli_first { compression.prefer_brotli() } else { compression };
    let client = Client::new(App::new(routes![poem]).wrap(compression));
    let request =
        lines.iter().fold(client.get("/poem"), |request, line| request.header("accept-encoding", line));
    let reply = request.send().now_or_never().unwrap();
    assert_eq!(reply.header("vary"), Some("accept-encoding"));
    reply.header("content-encoding").map(str::to_owned)
}

/// One coding after the other looks for what is said of it.
fn expected(lines: &[String], brotli_first: bool) -> Option<String> {
    let said = |names: &[&str]| {
        let mut lowest = None;
        for member in lines.iter().flat_map(|line| line.split(',')) {
            let (name, rest) = match member.find(';') {
                Some(at) => (&member[..at], Some(&member[at + 1..])),
                None => (member, None),
            };
            if !names.contains(&name.trim().to_lowercase().as_str()) {
                continue;
            }
            let weight = match rest {
                None => 1.0,
                Some(rest) => match weight(rest.trim()) {
                    Some(weight) => weight,
                    None => continue,
                },
            };
            lowest = Some(lowest.map_or(weight, |before: f64| before.min(weight)));
        }
        lowest
    };
    let of = |names: &[&str]| said(names).or_else(|| said(&["*"]));
    let gzip = of(&["gzip", "x-gzip"]).unwrap_or(0.0);
    let brotli = of(&["br"]).unwrap_or(0.0);
    let identity = of(&["identity"]).unwrap_or(0.0);
    let highest = gzip.max(brotli);
    if highest == 0.0 || highest < identity {
        return None;
    }
    let takes_brotli = if brotli_first { brotli >= gzip } else { brotli > gzip };
    Some(if takes_brotli { "br" } else { "gzip" }.to_owned())
}

fn weight(text: &str) -> Option<f64> {
    let value = text.strip_prefix("q=").or_else(|| text.strip_prefix("Q="))?;
    let well_formed = value == "0"
        || value == "1"
        || value.len() <= 5
            && (value.starts_with("0.") || value.starts_with("1."))
            && value[2..].chars().all(|char| char.is_ascii_digit());
    let number: f64 = if well_formed { value.trim_end_matches('.').parse().unwrap() } else { return None };
    (number <= 1.0).then_some(number)
}

fn member() -> impl Strategy<Value = String> {
    let name = select(vec![
        "gzip", "gzip", "br", "br", "identity", "*", "x-gzip", "GZip", "zstd", "deflate", "", "g zip",
    ]);
    let weight = prop_oneof![
        3 => Just(String::new()),
        3 => (0..=1000_u32).prop_map(|weight| format!(";q={}.{:03}", weight / 1000, weight % 1000)),
        3 => select(vec![";q=0", ";q=0.", ";q=0.0", ";q=0.5", "; q=0.5", " ;\tQ=0.5 ", ";q=1", ";q=1.", ";q=1.0"])
            .prop_map(str::to_owned),
        1 => select(vec![";", ";q", ";q=", ";q=2", ";q=1.1", ";q=.5", ";q=0.1234", ";q=-0", ";q=1;q=0", ";v=1", ";q =1"])
            .prop_map(str::to_owned),
    ];
    let space = || select(vec!["", "", " ", "\t"]);
    (space(), name, weight, space())
        .prop_map(|(before, name, weight, after)| format!("{before}{name}{weight}{after}"))
}

proptest! {
    #[test]
    fn is_what_the_client_prefers(
        lines in prop::collection::vec(prop::collection::vec(member(), 0..5).prop_map(|members| members.join(",")), 0..3),
        brotli_first: bool,
    ) {
        prop_assert_eq!(chosen(&lines, brotli_first), expected(&lines, brotli_first));
    }

    #[test]
    fn of_anything_at_all(line in "[a-z0-9=;,.* q]{0,24}", brotli_first: bool) {
        let lines = [line];
        prop_assert_eq!(chosen(&lines, brotli_first), expected(&lines, brotli_first));
    }
}

#[test]
fn of_what_browsers_send() {
    let line = ["gzip, deflate, br, zstd".to_owned()];
    assert_eq!(chosen(&line, false).as_deref(), Some("gzip"));
    assert_eq!(chosen(&line, true).as_deref(), Some("br"));
    assert_eq!(chosen(&[], true), None);
}
