//! `load ADDRESS COUNT METHOD TARGET [BODY]`: sends a request COUNT times on one connection, each after the answer to the
//! last, and checks that all answers are 200.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, count, method, target, rest @ ..] = arguments.as_slice() else {
        return Err("load ADDRESS COUNT METHOD TARGET [BODY]".into());
    };
    let body = rest.first().map_or("", String::as_str);
    let fields = match body {
        "" => String::new(),
        _ => format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()),
    };
    let request =
        format!("{method} {target} HTTP/1.1\r\nhost: {address}\r\nuser-agent: load\r\n{fields}\r\n{body}");

    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut answers = BufReader::new(stream.try_clone()?);
    let (mut line, mut content) = (String::new(), Vec::new());
    for _ in 0..count.parse::<u32>()? {
        stream.write_all(request.as_bytes())?;
        line.clear();
        answers.read_line(&mut line)?;
        if !line.starts_with("HTTP/1.1 200 ") {
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
        content.resize(length, 0);
        answers.read_exact(&mut content)?;
    }
    Ok(())
}
