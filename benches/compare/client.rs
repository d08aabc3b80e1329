//! A client of our own: one connection, one request after the other. It checks what servers answer, warms them up, and
//! counts nothing.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::Failure;
use crate::http2;
use crate::workloads::Workload;

/// Longer than any of the servers waits for anything.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    request: Vec<u8>,
    content: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr, workload: &Workload) -> Result<Self, Failure> {
        let body = workload.body();
        let fields = match workload.order {
            true => format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()),
            false => String::new(),
        };
        let (method, target) = (workload.method, workload.target);
        let request =
            format!("{method} {target} HTTP/1.1\r\nHost: {address}\r\n{fields}\r\n{body}").into_bytes();
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream: BufReader::with_capacity(1024, stream), request, content: Vec::new() })
    }

    /// One request. The answer is a 200 or an error; its body is returned.
    pub(crate) fn ask(&mut self) -> Result<&[u8], Failure> {
        self.stream.get_mut().write_all(&self.request)?;
        let length = head(&mut self.stream)?;
        self.content.resize(length, 0);
        self.stream.read_exact(&mut self.content)?;
        Ok(&self.content)
    }

    /// Many requests.
    pub(crate) fn ask_often(&mut self, times: u32) -> Result<(), Failure> {
        (0..times).try_for_each(|_| self.ask().map(drop))
    }
}

/// That the answer is the one it should be, over the workload's protocol.
pub(crate) fn check(address: SocketAddr, workload: &Workload) -> Result<(), Failure> {
    let answer = match workload.is_http2() {
        true => http2::ask(address, workload)?,
        false => Client::connect(address, workload)?.ask()?.to_vec(),
    };
    let answer: String = String::from_utf8_lossy(&answer).split_whitespace().collect();
    if answer == workload.answer {
        Ok(())
    } else {
        Err(format!("{} answered {answer:?} instead of {:?}", workload.target, workload.answer).into())
    }
}

/// Some load, so that what is done only once is done.
pub(crate) fn warm_up(address: SocketAddr, workload: &Workload) -> Result<(), Failure> {
    let mut client = Client::connect(address, workload)?;
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(300) {
        client.ask_often(50)?;
    }
    Ok(())
}

/// Reads a head, which has to be that of a 200; the body's length.
fn head(stream: &mut impl BufRead) -> Result<usize, Failure> {
    let (mut line, mut length) = (String::new(), None);
    stream.read_line(&mut line)?;
    if !line.starts_with("HTTP/1.1 200 ") {
        return Err(format!("answered {line:?}").into());
    }
    loop {
        line.clear();
        if stream.read_line(&mut line)? == 0 {
            return Err("a head without an end".into());
        }
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = Some(value.trim().parse()?);
            }
            Some(_) => {}
            None => return length.ok_or("an answer without Content-Length".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_found_whatever_its_case() {
        let read = |text: &str| head(&mut text.as_bytes());
        assert_eq!(read("HTTP/1.1 200 OK\r\nServer: M\r\ncontent-length: 13\r\n\r\nHello").unwrap(), 13);
        assert_eq!(read("HTTP/1.1 200 Ok\r\nContent-Length:2\r\n\r\n").unwrap(), 2);
        for text in
            ["HTTP/1.1 404 Not Found\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nServer: M", ""]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
