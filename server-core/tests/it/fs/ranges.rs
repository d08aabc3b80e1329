//! Parts of a file (RFC 9110 section 14), by hand and against a model that looks at one byte after another.

use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::sample::select;
use waypost::Respond;
use waypost::test::Client;

use super::{Folder, get, status};

const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";

#[tokio::test]
async fn one_range() {
    let folder = Folder::new([("a.txt", LETTERS)]);
    let client = folder.client();
    for (range, shown, content) in [
        ("bytes=0-0", "0-0", "a"),
        ("bytes=1-3", "1-3", "bcd"),
        ("bytes=23-", "23-25", "xyz"),
        ("bytes=24-99", "24-25", "yz"),
        ("bytes=24-99999999999999999999999999", "24-25", "yz"),
        ("bytes=25-18446744073709551615", "25-25", "z"),
        ("bytes=-2", "24-25", "yz"),
        ("bytes=-26", "0-25", "abcdefghijklmnopqrstuvwxyz"),
        ("bytes=-99999999999999999999999999", "0-25", "abcdefghijklmnopqrstuvwxyz"),
        ("bytes=0-25", "0-25", "abcdefghijklmnopqrstuvwxyz"),
        ("BYTES=1-1", "1-1", "b"),
        ("bytes= 1-1 ", "1-1", "b"),
        ("bytes=,, 1-1 ,\t,", "1-1", "b"),
        ("bytes=007-007", "7-7", "h"),
        // What lies outside is passed over.
        ("bytes=30-40, 1-1, -0", "1-1", "b"),
    ] {
        let reply = get(&client, "/static/a.txt", &[("range", range)]).await;
        assert_eq!(reply.status(), 206, "{range}");
        assert_eq!(reply.header("content-range"), Some(&*format!("bytes {shown}/26")), "{range}");
        assert_eq!(reply.header("content-length"), Some(&*content.len().to_string()));
        assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
        assert!(reply.header("etag").is_some() && reply.header("last-modified").is_some());
        assert_eq!(reply.text().await, content, "{range}");
    }
}

#[tokio::test]
async fn none_that_can_be_had() {
    let folder = Folder::new([("a.txt", LETTERS), ("empty", b"")]);
    let client = folder.client();
    for range in
        ["bytes=26-", "bytes=26-26", "bytes=99999999999999999999999-", "bytes=-0", "bytes=26-,-0,27-30"]
    {
        let reply = get(&client, "/static/a.txt", &[("range", range)]).await;
        assert_eq!(
            (reply.status().as_u16(), reply.header("content-range")),
            (416, Some("bytes */26")),
            "{range}"
        );
        assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    }
    for range in ["bytes=0-", "bytes=0-0", "bytes=-0"] {
        let reply = get(&client, "/static/empty", &[("range", range)]).await;
        assert_eq!(
            (reply.status().as_u16(), reply.header("content-range")),
            (416, Some("bytes */0")),
            "{range}"
        );
    }
    // No `Content-Range` can tell of the last byte of none.
    let reply = get(&client, "/static/empty", &[("range", "bytes=-1")]).await;
    assert_eq!((reply.status().as_u16(), reply.header("content-length")), (200, Some("0")));
}

/// RFC 9110 section 14.2: what is malformed, unknown or too much may be passed over, and then is.
#[tokio::test]
async fn fields_of_no_meaning() {
    let folder = Folder::new([("a.txt", LETTERS)]);
    let client = folder.client();
    let many = format!("bytes={}", (0..17).map(|i| format!("{i}-{i},")).collect::<String>());
    let overlapping = format!("bytes={}", "0-,".repeat(5000));
    for range in [
        "",
        "bytes",
        "bytes=",
        "bytes=,",
        "bytes=-",
        "bytes=a-b",
        "bytes=1",
        "bytes=3-1",
        "bytes=0-1,3-1",
        "bytes=+1-2",
        "bytes=1--2",
        "bytes=-1-2",
        "bytes=1 - 2",
        "bytes=0x1-2",
        "bytes 1-2",
        "items=1-2",
        "bytes=1-2;3-4",
        "=1-2",
        "bytes=1-2, bytes=3-4",
        "bytes=0-3,2-5",
        "bytes=0-,0-",
        "bytes=-5,-3",
        "bytes=5-9,0-20",
        &many,
        &overlapping,
    ] {
        let reply = get(&client, "/static/a.txt", &[("range", range)]).await;
        assert_eq!((reply.status().as_u16(), reply.header("content-range")), (200, None), "{range}");
        assert_eq!(reply.bytes().await, LETTERS);
    }
    let lines = [("range", "bytes=0-1"), ("range", "bytes=3-4")];
    assert_eq!(status(&client, "/static/a.txt", &lines).await, 200);
}

/// The parts of a multipart body (RFC 2046 section 5.1): type, range, content.
fn parts(content_type: &str, body: &[u8]) -> Vec<(String, String, Vec<u8>)> {
    let boundary = content_type.strip_prefix("multipart/byteranges; boundary=").unwrap();
    let delimiter = format!("\r\n--{boundary}").into_bytes();
    let mut found = Vec::new();
    let mut rest = body.strip_prefix(&*delimiter).expect("a delimiter at the start");
    while let Some(part) = rest.strip_prefix(b"\r\n") {
        let end = part.windows(delimiter.len()).position(|window| window == delimiter).unwrap();
        rest = &part[end + delimiter.len()..];
        let part = &part[..end];
        let head = part.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let lines: Vec<_> = std::str::from_utf8(&part[..head]).unwrap().split("\r\n").collect();
        let [kind, range] = &*lines else { panic!("{lines:?}") };
        found.push((
            kind.strip_prefix("Content-Type: ").unwrap().to_owned(),
            range.strip_prefix("Content-Range: ").unwrap().to_owned(),
            part[head + 4..].to_vec(),
        ));
    }
    assert_eq!(rest, b"--\r\n", "the end");
    found
}

#[tokio::test]
async fn several_ranges() {
    let folder = Folder::new([("a.txt", LETTERS)]);
    let client = folder.client();
    // In the order they were asked for.
    let reply = get(&client, "/static/a.txt", &[("range", "bytes=3-5, 0-1, 40-50, -1")]).await;
    assert_eq!((reply.status().as_u16(), reply.header("content-range")), (206, None));
    let length: usize = reply.header("content-length").unwrap().parse().unwrap();
    let content_type = reply.header("content-type").unwrap().to_owned();
    let body = reply.bytes().await;
    assert_eq!(body.len(), length);
    let text = "text/plain; charset=utf-8".to_owned();
    let part = |range: &str, content: &str| (text.clone(), format!("bytes {range}/26"), content.into());
    assert_eq!(parts(&content_type, &body), [part("3-5", "def"), part("0-1", "ab"), part("25-25", "z")]);
}

/// More than is read at once.
#[tokio::test]
async fn several_ranges_of_a_large_file() {
    let large: Vec<_> = (0..1_000_000_u32).map(|i| (i % 251) as u8).collect();
    let folder = Folder::new([("a.bin", &large)]);
    let client = folder.client();
    let ranges = [(0, 0), (10, 299_999), (999_999, 999_999), (500_000, 900_000), (300_001, 300_002)];
    let range = ranges.map(|(first, last)| format!("{first}-{last}")).join(",");
    let reply = get(&client, "/static/a.bin", &[("range", &format!("bytes={range}"))]).await;
    let length: usize = reply.header("content-length").unwrap().parse().unwrap();
    let content_type = reply.header("content-type").unwrap().to_owned();
    let body = reply.bytes().await;
    assert_eq!(body.len(), length);
    let parts = parts(&content_type, &body);
    assert_eq!(parts.len(), ranges.len());
    for ((first, last), (_, shown, content)) in ranges.into_iter().zip(parts) {
        assert_eq!(shown, format!("bytes {first}-{last}/1000000"));
        assert!(content == large[first..=last], "{shown}");
    }
    let reply = get(&client, "/static/a.bin", &[("range", "bytes=100-400099")]).await;
    assert!(reply.bytes().await == large[100..400_100]);
}

#[derive(Clone, Debug)]
enum Spec {
    From(u64),
    Between(u64, u64),
    Last(u64),
    Nothing,
}

/// What an answer comes to.
#[derive(Debug, PartialEq)]
enum Answer {
    Whole,
    Unsatisfiable,
    Parts(Vec<Vec<u64>>),
}

/// RFC 9110 section 14 for a file of so many bytes, one byte after another.
fn model(specs: &[Spec], length: u64) -> Answer {
    let mut parts = Vec::new();
    let mut asked = 0;
    for spec in specs {
        let bytes: Vec<u64> = match *spec {
            Spec::From(first) => (0..length).filter(|byte| *byte >= first).collect(),
            Spec::Between(first, last) if first > last => return Answer::Whole,
            Spec::Between(first, last) => (0..length).filter(|byte| (first..=last).contains(byte)).collect(),
            Spec::Last(count) if count > 0 && length == 0 => return Answer::Whole,
            Spec::Last(count) => (0..length).filter(|byte| length - byte <= count).collect(),
            Spec::Nothing => continue,
        };
        asked += 1;
        parts.push(bytes);
    }
    parts.retain(|part| !part.is_empty());
    let mut all = parts.concat();
    all.sort_unstable();
    if asked == 0 || asked > 16 || all.windows(2).any(|pair| pair[0] == pair[1]) {
        Answer::Whole
    } else if parts.is_empty() {
        Answer::Unsatisfiable
    } else {
        Answer::Parts(parts)
    }
}

async fn answer(client: &Client<impl Respond>, length: u64, range: &str) -> Answer {
    let reply = get(client, &format!("/static/{length}"), &[("range", range)]).await;
    let status = reply.status().as_u16();
    let one = reply.header("content-range").map(str::to_owned);
    let kind = reply.header("content-type").unwrap().to_owned();
    let promised: usize = reply.header("content-length").map_or(0, |length| length.parse().unwrap());
    let body = reply.bytes().await;
    // The content of byte 7 is 7.
    let bytes = |part: &[u8]| part.iter().map(|byte| u64::from(*byte)).collect::<Vec<_>>();
    let shown = |part: &[u64]| format!("bytes {}-{}/{length}", part[0], part[part.len() - 1]);
    match status {
        416 => {
            assert_eq!(one, Some(format!("bytes */{length}")));
            return Answer::Unsatisfiable;
        }
        200 => {
            assert_eq!((one, bytes(&body)), (None, (0..length).collect()));
        }
        206 => {
            assert_eq!(promised, body.len());
            let found: Vec<_> = match one {
                Some(range) => vec![(range, bytes(&body))],
                None => {
                    parts(&kind, &body).into_iter().map(|(_, range, part)| (range, bytes(&part))).collect()
                }
            };
            assert!(kind.starts_with("multipart/") == (found.len() > 1));
            assert!(found.iter().all(|(range, part)| *range == shown(part)), "{found:?}");
            return Answer::Parts(found.into_iter().map(|(_, part)| part).collect());
        }
        other => panic!("{other}"),
    }
    assert_eq!(promised, body.len());
    Answer::Whole
}

fn any_spec() -> impl Strategy<Value = Spec> {
    let number = || prop_oneof![8 => 0_u64..40, 1 => Just(u64::MAX), 1 => Just(u64::MAX - 1)];
    prop_oneof![
        3 => number().prop_map(Spec::From),
        8 => (number(), number()).prop_map(|(a, b)| Spec::Between(a.min(b), a.max(b))),
        8 => (0_u64..40, 0_u64..3).prop_map(|(first, more)| Spec::Between(first, first + more)),
        1 => (number(), number()).prop_map(|(a, b)| Spec::Between(a, b)),
        3 => number().prop_map(Spec::Last),
        1 => Just(Spec::Nothing),
    ]
}

fn folder_of_all_lengths() -> (Folder, tokio::runtime::Runtime) {
    let folder = Folder::new([]);
    for length in 0..40_u8 {
        folder.write(&length.to_string(), &(0..length).collect::<Vec<_>>());
    }
    (folder, tokio::runtime::Builder::new_current_thread().build().unwrap())
}

#[test]
fn as_the_model_has_it() {
    let (folder, runtime) = folder_of_all_lengths();
    let client = folder.client();
    let gap = || select(vec!["", "", " ", "\t ", "  "]);
    let cases = (0_u64..40, prop::collection::vec((any_spec(), gap(), gap()), 0..20));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(2000));
    let seen = std::cell::Cell::new([0; 3]);
    let run = runner.run(&cases, |(length, specs)| {
        let mut field = "bytes=".to_owned();
        for (index, (spec, before, after)) in specs.iter().enumerate() {
            field += if index > 0 { "," } else { "" };
            field += before;
            match spec {
                Spec::From(first) => write!(field, "{first}-").unwrap(),
                Spec::Between(first, last) => write!(field, "{first}-{last}").unwrap(),
                Spec::Last(count) => write!(field, "-{count}").unwrap(),
                Spec::Nothing => {}
            }
            field += after;
        }
        let specs: Vec<_> = specs.into_iter().map(|(spec, ..)| spec).collect();
        let expected = model(&specs, length);
        let mut counts = seen.get();
        counts[match &expected {
            Answer::Whole => 0,
            Answer::Unsatisfiable => 1,
            Answer::Parts(_) => 2,
        }] += 1;
        seen.set(counts);
        prop_assert_eq!(runtime.block_on(answer(&client, length, &field)), expected, "{}", field);
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
    assert!(seen.get().iter().all(|count| *count > 50), "every kind of answer was met: {seen:?}");
}

/// Whatever the field is, the answer is one that can be read, and never more than the file and its framing.
#[test]
fn any_text_is_survived() {
    let (folder, runtime) = folder_of_all_lengths();
    let client = folder.client();
    proptest!(ProptestConfig::with_cases(1000), |(length in 0_u64..40, field in "(bytes=)?[-0-9, a=;]{0,30}")| {
        runtime.block_on(answer(&client, length, &field));
    });
}
