//! Request vectors that others published, judged as they say.
//!
//! They are data and not part of this project: three JSON files in the folder that the environment variable
//! `WAYPOST_VECTORS` names, or in `shared/reliability-vectors` beside the workspace. Where they are not, this test is
//! done at once, and `vectors` is what there is. docs/RELIABILITY.md has the score.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use waypost::{App, Bytes, Head, Routes, get, post, route, routes};

use super::{Answer, Exchange};

/// What fails, and why it may: all in hyper's decoder of chunks, which reads over what an extension looks like.
const KNOWN: &[(&str, &str)] = &[
    ("SMUG-CHUNK-BARE-SEMICOLON", "a semicolon without an extension is taken for an empty one"),
    ("llhttp/transfer-encoding/No-extension-after-semicolon", "the same"),
    ("SMUG-CHUNK-EXT-INVALID-TOKEN", "the characters of an extension are not looked at"),
    ("SMUG-CHUNK-EXT-CTRL", "the same, a NUL"),
    ("llhttp/transfer-encoding/Unbalanced-chunk-extensions-quoting", "the same, a quotation mark"),
    ("SMUG-CHUNK-SIZE-TRAILING-OWS", "white space behind a chunk's size is taken for bad white space"),
    ("llhttp/transfer-encoding/Space-after-chunk-header", "the same"),
    (
        "SMUG-CHUNK-LF-TRAILER",
        "a line feed for the last line end is neither taken nor refused, but more is waited for",
    ),
];

const FILES: [&str; 3] = ["http11probe.json", "llhttp.json", "picohttpparser.json"];

#[get("/")]
fn index() -> &'static str {
    "index"
}

#[post("/")]
fn echo(body: Bytes) -> Bytes {
    body
}

/// One line for each field, as it was received.
#[route(ANY, "/headers")]
fn headers(head: &Head, _body: Bytes) -> String {
    let fields = head.headers().iter();
    fields.map(|(name, value)| format!("{name}: {}\n", value.as_bytes().escape_ascii())).collect()
}

#[route(ANY, "/{*rest}")]
fn anything(_rest: &str, body: Bytes) -> Bytes {
    body
}

fn app() -> App<impl Routes<()>> {
    App::new(routes![index, echo, headers, anything])
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Pass,
    Warn,
    Fail,
}

use Verdict::{Fail, Pass, Warn};

impl Verdict {
    fn of(letter: &Value) -> Self {
        match letter.as_str() {
            Some("P") => Pass,
            Some("W") => Warn,
            Some("F") => Fail,
            _ => panic!("not a verdict: {letter}"),
        }
    }

    fn pass_if(condition: bool) -> Self {
        if condition { Pass } else { Fail }
    }
}

#[tokio::test(start_paused = true)]
async fn published_vectors() {
    let Some(folder) = folder() else {
        println!("no published vectors at hand: only our own were run");
        return;
    };
    let app = Arc::new(app());
    let (mut scored, mut warned, mut failed) = (0, Vec::new(), Vec::new());
    for file in FILES {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        for vector in document["tests"].as_array().unwrap() {
            if vector["scored"] == false {
                continue;
            }
            scored += 1;
            let id = vector["id"].as_str().unwrap();
            let (verdict, seen) = run(&app, vector).await;
            match verdict {
                Pass => {}
                Warn => warned.push(format!("{id} ({seen})")),
                Fail => failed.push((id.to_owned(), seen)),
            }
        }
    }
    println!(
        "{} of {scored} published vectors pass, {} of them with a warning:",
        scored - failed.len(),
        warned.len()
    );
    warned.iter().for_each(|line| println!("  warning: {line}"));
    failed.iter().for_each(|(id, seen)| println!("  failure: {id} ({seen})"));

    assert!(scored > 0, "no vectors in {}", folder.display());
    let unknown: Vec<_> =
        failed.iter().filter(|(id, _)| KNOWN.iter().all(|(known, _)| known != id)).collect();
    assert!(unknown.is_empty(), "failed: {unknown:#?}");
    let mended: Vec<_> = KNOWN.iter().filter(|(known, _)| failed.iter().all(|(id, _)| known != id)).collect();
    assert!(mended.is_empty(), "no longer fail, so take them out of the list: {mended:#?}");
}

fn folder() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("WAYPOST_VECTORS") {
        return Some(named.into());
    }
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/reliability-vectors");
    FILES.iter().all(|file| beside.join(file).is_file()).then_some(beside)
}

/// Sends one vector over a connection of its own.
async fn run(app: &Arc<App<impl Routes<()>>>, vector: &Value) -> (Verdict, String) {
    let mut exchange = Exchange::new(Arc::clone(app));
    let verdict = match vector["steps"].as_array() {
        Some(steps) => sequence(&mut exchange, steps, &vector["expect"]).await,
        None => {
            let bytes = bytes(&vector["send"]);
            if vector["per_byte"] == true {
                exchange.send_by_bytes(&bytes).await;
            } else {
                exchange.send(&bytes).await;
            }
            judge(&exchange, &vector["expect"])
        }
    };
    let seen = exchange.summary();
    if exchange.panicked().await { (Fail, format!("{seen}, panicked")) } else { (verdict, seen) }
}

/// What a vector sends: text in which every character is a byte, or a list of parts.
fn bytes(send: &Value) -> Vec<u8> {
    let text = match send {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(part).collect(),
        _ => panic!("not bytes: {send}"),
    };
    text.replace("{{HOST}}", "localhost:8080").chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

fn part(part: &Value) -> String {
    match part {
        Value::String(text) => text.clone(),
        Value::Array(repeated) => repeated[0].as_str().unwrap().repeat(number(&repeated[1])),
        Value::Object(object) if object.contains_key("gen") => {
            let line = object["gen"].as_str().unwrap();
            (0..number(&object["n"])).map(|n| line.replace("%d", &n.to_string())).collect()
        }
        Value::Object(object) => part_of_step(&object["send"]),
        _ => panic!("not a part: {part}"),
    }
}

fn part_of_step(send: &Value) -> String {
    match send {
        Value::Array(parts) => parts.iter().map(part).collect(),
        _ => part(send),
    }
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

fn judge(exchange: &Exchange, expect: &Value) -> Verdict {
    let answers = exchange.answers();
    // What is only on the way to an answer counts where there is no other.
    let first = answers.iter().find(|answer| answer.status >= 200).or(answers.first());
    match expect["kind"].as_str().unwrap() {
        "table" => table(first, exchange.closed, expect),
        "reject" => {
            let lenient = if expect["may"].is_string() { Warn } else { Fail };
            let good = answers.iter().take_while(|answer| is_good(answer)).count();
            let refused = good < answers.len() || exchange.closed;
            if good as u64 <= expect["ok_before"].as_u64().unwrap() && refused { Pass } else { lenient }
        }
        "accept" => Verdict::pass_if(first.is_some_and(is_good)),
        "wait" => Verdict::pass_if(answers.is_empty() && !exchange.closed),
        "reject_or_wait" => Verdict::pass_if(!first.is_some_and(is_good)),
        // That the task did not panic is looked at for all.
        "alive" => Pass,
        kind => looked_into(kind, first, exchange.closed, expect),
    }
}

/// The application's own answer: of a message that is in order.
fn is_good(answer: &Answer) -> bool {
    answer.status < 400 || answer.status == 404 || answer.status == 405
}

fn is_success(answer: &Answer) -> bool {
    (200..300).contains(&answer.status)
}

/// By the status of the first answer, and by the connection.
fn table(first: Option<&Answer>, closed: bool, expect: &Value) -> Verdict {
    let Some(answer) = first else {
        return Verdict::of(&expect[if closed { "none_closed" } else { "none_timeout" }]);
    };
    let state = if closed { "closed" } else { "open" };
    let within = |name: &str| {
        let ranges = expect.get(format!("{name}_{state}")).unwrap_or(&expect[name]).as_array().unwrap();
        ranges.iter().any(|range| (number(&range[0])..=number(&range[1])).contains(&answer.status.into()))
    };
    if within("pass") {
        Pass
    } else if within("warn") {
        Warn
    } else {
        Fail
    }
}

/// By what is in the first answer.
fn looked_into(kind: &str, first: Option<&Answer>, closed: bool, expect: &Value) -> Verdict {
    let Some(answer) = first else {
        return if closed && expect["none_closed"].is_string() {
            Verdict::of(&expect["none_closed"])
        } else {
            Fail
        };
    };
    let listed = |name: &str| {
        expect[name].as_array().is_some_and(|list| list.iter().any(|status| *status == answer.status))
    };
    let body = String::from_utf8_lossy(&answer.body).to_ascii_lowercase();
    match kind {
        "echo" | "body_eq" => {
            let wanted = expect["body"].as_str().unwrap().as_bytes();
            match is_success(answer) && answer.body == wanted {
                true => Pass,
                false if listed("warn") => Warn,
                false => Fail,
            }
        }
        "body_empty" => Verdict::pass_if(is_success(answer) && answer.body.is_empty()),
        "header" => {
            if !(number(&expect["on"][0])..=number(&expect["on"][1])).contains(&answer.status.into()) {
                return Verdict::of(&expect["else"]);
            }
            let present = answer.header(expect["has"].as_str().unwrap()).is_some();
            let name = if present { "present" } else { "miss" };
            expect.get(name).map_or(Pass, Verdict::of)
        }
        // A name that is not quite the standard's must not become it: refused or dropped is best, kept is fair.
        "norm" => {
            let line = |name: &str| {
                format!("{}: {}\n", expect[name].as_str().unwrap(), expect["val"].as_str().unwrap())
            };
            if !is_good(answer) {
                Pass
            } else if body.contains(&line("std").to_ascii_lowercase()) {
                Fail
            } else if body.contains(&line("mal").to_ascii_lowercase()) {
                Warn
            } else {
                Pass
            }
        }
        kind => panic!("unknown kind of expectation: {kind}"),
    }
}

/// By two exchanges on one connection. Answering a message of two lengths and closing is what RFC 9112 section 6.1 allows.
async fn sequence(exchange: &mut Exchange, steps: &[Value], expect: &Value) -> Verdict {
    exchange.send(&bytes(&steps[0])).await;
    let answers = exchange.answers();
    if answers.len() > 1 && expect["multi"].is_string() {
        return Verdict::of(&expect["multi"]);
    }
    let first = answers.first();
    if first.is_some_and(|answer| expect["s1_pass"].as_array().unwrap().contains(&answer.status.into())) {
        return Pass;
    }
    if exchange.closed {
        return Verdict::of(&expect["s1_closed"]);
    }
    // A connection that is kept after such a message is the fault itself.
    Verdict::of(if first.is_some_and(is_success) { &expect["s1_2xx"]["else"] } else { &expect["else"] })
}
