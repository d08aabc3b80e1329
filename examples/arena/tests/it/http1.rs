//! HTTP/1.1 in its own bytes.

use std::io::{BufRead as _, BufReader, Read, Write};

/// One connection.
pub struct Http1<S>(BufReader<S>);

impl<S: Read + Write> Http1<S> {
    pub fn new(stream: S) -> Self {
        Self(BufReader::new(stream))
    }

    pub fn get(&mut self, target: &str) -> Reply {
        self.get_with(target, "")
    }

    /// With more header fields, each ended by a line break.
    pub fn get_with(&mut self, target: &str, fields: &str) -> Reply {
        self.send(format!("GET {target} HTTP/1.1\r\nhost: localhost\r\n{fields}\r\n").as_bytes());
        self.read()
    }

    pub fn send_json(&mut self, method: &str, target: &str, document: &str) -> Reply {
        let fields = "content-type: application/json\r\n";
        self.send_body(method, target, fields, document.as_bytes())
    }

    pub fn send_body(&mut self, method: &str, target: &str, fields: &str, body: &[u8]) -> Reply {
        let length = body.len();
        let head = format!(
            "{method} {target} HTTP/1.1\r\nhost: localhost\r\n{fields}content-length: {length}\r\n\r\n"
        );
        self.send(head.as_bytes());
        self.send(body);
        self.read()
    }

    /// A body that comes in pieces of unknown number.
    pub fn post_chunked(&mut self, target: &str, pieces: &[&[u8]]) -> Reply {
        self.send(
            format!("POST {target} HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n")
                .as_bytes(),
        );
        for piece in pieces {
            self.send(format!("{:x}\r\n", piece.len()).as_bytes());
            self.send(piece);
            self.send(b"\r\n");
        }
        self.send(b"0\r\n\r\n");
        self.read()
    }

    pub fn send(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).unwrap();
    }

    /// The next response.
    pub fn read(&mut self) -> Reply {
        let status_line = self.line();
        let status = status_line.strip_prefix("HTTP/1.1 ").unwrap()[..3].parse().unwrap();
        let mut fields = Vec::new();
        loop {
            let line = self.line();
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(": ").unwrap();
            fields.push((name.to_owned(), value.to_owned()));
        }
        let mut reply = Reply { status, fields, body: Vec::new() };
        if reply.field("transfer-encoding") == Some("chunked") {
            loop {
                let size = usize::from_str_radix(&self.line(), 16).unwrap();
                self.append(&mut reply.body, size);
                assert_eq!(self.line(), "");
                if size == 0 {
                    break;
                }
            }
        } else if let Some(length) = reply.field("content-length").map(|length| length.parse().unwrap()) {
            self.append(&mut reply.body, length);
        }
        reply
    }

    /// Exactly so many bytes of what is no response any more.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.append(&mut bytes, count);
        bytes
    }

    /// What is left, to the end of the connection.
    pub fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest).unwrap();
        rest
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.strip_suffix("\r\n").expect("the connection ended").to_owned()
    }

    fn append(&mut self, body: &mut Vec<u8>, count: usize) {
        let start = body.len();
        body.resize(start + count, 0);
        self.0.read_exact(&mut body[start..]).unwrap();
    }
}

/// A response.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    fields: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|field| field.0 == name).map(|field| field.1.as_str())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        assert_eq!(self.field("content-type"), Some("application/json"), "{}", self.text());
        serde_json::from_slice(&self.body).unwrap()
    }

    /// It is a 200 with this plain text.
    #[track_caller]
    pub fn says(&self, text: &str) {
        assert_eq!((self.status, self.text()), (200, text));
        assert_eq!(self.field("content-type"), Some("text/plain; charset=utf-8"));
    }
}
