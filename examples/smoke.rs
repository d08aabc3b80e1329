//! Starts every example as its own process and asks it something.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

/// A running example. It is ended when the test is done with it.
struct Example {
    process: Child,
    output: BufReader<ChildStdout>,
    address: String,
}

impl Example {
    fn start(name: &str) -> Self {
        // Cargo builds the package's examples for its tests, beside them: target/<profile>/{deps,examples}.
        let mut path = std::env::current_exe().unwrap();
        path.pop();
        path.pop();
        path.push("examples");
        path.push(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        let mut process = Command::new(&path)
            .env("PORT", "0")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let address = Self::url(&mut output);
        Self { process, output, address }
    }

    /// The address in the next line that has a URL.
    fn url(output: &mut BufReader<ChildStdout>) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            assert_ne!(output.read_line(&mut line).unwrap(), 0, "the example ended without a URL");
            if let Some((_, address)) = line.trim().split_once("http://") {
                return address.to_owned();
            }
        }
    }

    fn get(&self, path: &str) -> String {
        self.send(path, "GET", "", "")
    }

    fn send(&self, path: &str, method: &str, head: &str, body: &str) -> String {
        exchange(&self.address, path, method, head, body)
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// One request on a connection of its own; the whole response as text.
fn exchange(address: &str, path: &str, method: &str, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n{head}\r\n{body}"
    )
    .unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

const JSON: &str = "content-type: application/json\r\n";

#[track_caller]
fn holds(response: &str, status: u16, part: &str) {
    assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{response}");
    assert!(response.contains(part), "no `{part}` in {response}");
}

#[test]
fn quickstart() {
    let example = Example::start("quickstart");
    holds(&example.get("/hello/you"), 200, "{\"hello\":\"you\"}");
    holds(&example.get("/hello/zo%C3%AB"), 200, "{\"hello\":\"zoë\"}");
    holds(&example.get("/"), 404, "application/problem+json");
}

#[test]
fn state() {
    let example = Example::start("state");
    holds(&example.send("/notes", "POST", JSON, r#"{"text":"a \"note\""}"#), 201, r#"{"id":1,"#);
    holds(&example.get("/notes/1"), 200, r#"a \"note\""#);
    holds(&example.send("/notes/1", "DELETE", "", ""), 204, "");
    holds(&example.get("/notes/1"), 404, "Not Found");
}

#[test]
fn groups() {
    let example = Example::start("groups");
    holds(&example.get("/shop/items?page=2"), 200, "page 2");
    holds(&example.get("/shop/items/7"), 200, "x-route: /shop/items/{id}");
    holds(&example.get("/admin/stats"), 401, "Unauthorized");
    let key = "authorization: Bearer open-sesame\r\n";
    holds(&example.send("/admin/stats", "GET", key, ""), 200, "all is well");
    holds(&example.get("/nowhere"), 404, "there is nothing at /nowhere");
}

#[test]
fn extractor() {
    let example = Example::start("extractor");
    let key = "authorization: Bearer open-sesame\r\naccept-language: fa;q=0.9, en\r\n";
    let answer = example.send("/albums/3?order=oldest", "GET", key, "");
    holds(&answer, 200, "album 3 for ali (11 letters of token), oldest first, in fa");
    holds(&example.get("/albums/3"), 400, "authorization");
    holds(&example.send("/albums/3?order=best", "GET", key, ""), 400, "order");
}

#[test]
fn errors() {
    let example = Example::start("errors");
    holds(&example.send("/orders", "POST", JSON, r#"{"item":2,"count":1}"#), 200, "1 of item 2");
    holds(&example.send("/orders", "POST", JSON, r#"{"item":0,"count":1}"#), 410, "Sold out");
    holds(&example.send("/orders", "POST", JSON, r#"{"item":13,"count":1}"#), 409, "not for sale");
    holds(&example.send("/orders", "POST", JSON, r#"{"item":1,"count":256}"#), 422, "\"pointer\":\"/count\"");
    holds(&example.send("/lenient", "POST", JSON, "{"), 200, "never mind");
    for path in ["/config", "/panic"] {
        let answer = example.get(path);
        holds(&answer, 500, "retry-after: 5");
        assert!(!answer.contains("No such file") && !answer.contains("inside"), "{answer}");
    }
}

#[test]
fn tower() {
    let example = Example::start("tower");
    holds(&example.get("/"), 200, "x-content-type-options: nosniff");
    holds(&example.get("/source/tower.rs"), 200, "tower, both ways");
    holds(&example.get("/source/missing.rs"), 404, "x-content-type-options: nosniff");
}

#[test]
fn testing() {
    let example = Example::start("testing");
    holds(&example.send("/sum", "POST", JSON, r#"{"terms":[1,2,39]}"#), 200, "42");
}

#[test]
fn embedding() {
    let mut example = Example::start("embedding");
    let control = Example::url(&mut example.output);
    holds(&example.get("/ticks"), 200, "");
    holds(&exchange(&control, "/stop", "POST", "", ""), 200, "stopping");
    assert!(example.process.wait().unwrap().success());
}

#[cfg(unix)]
#[test]
fn production() {
    let mut example = Example::start("production");
    holds(&example.get("/"), 200, "hello");
    holds(&example.get("/livez"), 200, "alive");
    holds(&example.get("/readyz"), 200, "ready");
    // A request in progress is answered when the process is asked to end.
    let mut waiting = TcpStream::connect(&example.address).unwrap();
    waiting.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    waiting.write_all(b"GET /news HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    holds(&example.get("/"), 200, "hello");
    let asked = Command::new("kill").arg(example.process.id().to_string()).status().unwrap();
    assert!(asked.success());
    let mut answer = String::new();
    waiting.read_to_string(&mut answer).unwrap();
    holds(&answer, 200, "no more news");
    assert!(example.process.wait().unwrap().success());
    let mut rest = String::new();
    example.output.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "5 requests were served\n");
}
