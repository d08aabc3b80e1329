//! `load [--at-once N] [--status N] ADDRESS COUNT METHOD TARGET [BODY]`: sends a request COUNT times on one connection and
//! checks the status of all answers, which is 200 unless said.
//!
//! Each request waits for the answer to the last, or N are sent at once. BODY is a JSON document, or `document:BYTES` for
//! one of that size.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

// Not by the library, of which this program would be linked with every server.
#[allow(dead_code)]
#[path = "workload/documents.rs"]
mod documents;

use documents::document;

type Done<T> = Result<T, Box<dyn Error>>;

const USAGE: &str = "load [--at-once N] [--status N] ADDRESS COUNT METHOD TARGET [BODY]";

fn main() -> Done<()> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let at_once = option(&mut arguments, "--at-once")?.unwrap_or(1);
    let status = option(&mut arguments, "--status")?.unwrap_or(200);
    let [address, count, method, target, rest @ ..] = arguments.as_slice() else { return Err(USAGE.into()) };
    let body = match rest.first().map(|body| (body, body.strip_prefix("document:"))) {
        None => String::new(),
        Some((_, Some(bytes))) => document(bytes.parse()?),
        Some((body, None)) => body.clone(),
    };
    let fields = match body.as_str() {
        "" => String::new(),
        _ => format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()),
    };
    let request =
        format!("{method} {target} HTTP/1.1\r\nhost: {address}\r\nuser-agent: load\r\n{fields}\r\n{body}");
    let requests = request.repeat(at_once);
    let status = format!("HTTP/1.1 {status} ");

    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut answers = BufReader::new(stream.try_clone()?);
    for _ in 0..count.parse::<usize>()? / at_once {
        stream.write_all(requests.as_bytes())?;
        for _ in 0..at_once {
            read(&mut answers, &status)?;
        }
    }
    Ok(())
}

/// Takes an option out of the arguments.
fn option(arguments: &mut Vec<String>, name: &str) -> Done<Option<usize>> {
    let Some(at) = arguments.iter().position(|argument| argument == name) else { return Ok(None) };
    arguments.remove(at);
    if at == arguments.len() {
        return Err(USAGE.into());
    }
    Ok(Some(arguments.remove(at).parse()?))
}

/// One answer.
fn read(answers: &mut BufReader<TcpStream>, status: &str) -> Done<()> {
    let mut line = String::new();
    answers.read_line(&mut line)?;
    if !line.starts_with(status) {
        return Err(format!("answered {line:?}").into());
    }
    let mut length = 0;
    loop {
        line.clear();
        answers.read_line(&mut line)?;
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.trim().parse()?;
        }
    }
    answers.read_exact(&mut vec![0; length])?;
    Ok(())
}
