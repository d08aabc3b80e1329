//! A client of HTTP/1.1 that knows what it is owed.

use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::tools::PATIENCE;

/// A connection.
pub(crate) struct Line {
    stream: TcpStream,
    opened: Instant,
    /// Requests sent.
    asked: u32,
    /// The last answer said that it was.
    pub(crate) is_over: bool,
}

/// How a request was lost, and what is known of it.
#[derive(Debug)]
pub(crate) enum Loss {
    /// There was no connection for it.
    Refused(String),
    /// Not a byte came, on a connection on which nothing had been asked before.
    Dropped(String),
    /// Something came of its answer, and not the whole; or another answer.
    BrokenOff(String),
    /// Neither an answer nor the end of the connection.
    Silence(String),
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, known) = match self {
            Self::Refused(known) => ("refused", known),
            Self::Dropped(known) => ("dropped", known),
            Self::BrokenOff(known) => ("broken off", known),
            Self::Silence(known) => ("silence", known),
        };
        write!(f, "{kind}: {known}")
    }
}

/// A request that was not answered.
#[derive(Debug)]
pub(crate) enum Unanswered {
    /// It should have been.
    Lost(Loss),
    /// Not a byte came, on a connection that was in use: it was closed between two requests, and the second may be
    /// sent once more (RFC 9112 section 9.3.1).
    ClosedBefore,
    /// Not a byte came; but the client took so long for its request that it was not to expect any.
    TooLate,
}

impl Line {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self, Unanswered> {
        let stream = tokio::time::timeout(PATIENCE, TcpStream::connect(address)).await;
        let stream =
            stream.map_err(|_| Unanswered::Lost(Loss::Silence("neither refused nor accepted".into())))?;
        let stream = stream.map_err(|error| Unanswered::Lost(Loss::Refused(error.to_string())))?;
        Ok(Self { stream, opened: Instant::now(), asked: 0, is_over: false })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.stream.local_addr().unwrap()
    }

    /// What is answered with 200.
    pub(crate) async fn ask(&mut self, target: &str, fields: &str) -> Result<String, Unanswered> {
        let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
        let is_first = self.asked == 0;
        self.asked += 1;
        let sent = self.stream.write_all(request.as_bytes()).await;
        // Who has just come is given 250 ms when the server ends; a machine under load may take longer to send.
        let in_time = self.opened.elapsed() < Duration::from_millis(200);
        let mut answer = Vec::new();
        let end = match sent {
            Ok(()) => self.read_answer(&mut answer).await,
            Err(error) => Err(error.to_string()),
        };
        match end {
            Ok(body) => Ok(body),
            Err(_) if answer.is_empty() && !is_first => Err(Unanswered::ClosedBefore),
            Err(_) if answer.is_empty() && !in_time => Err(Unanswered::TooLate),
            Err(how) if answer.is_empty() => Err(Unanswered::Lost(Loss::Dropped(how))),
            Err(how) => {
                let answer = String::from_utf8_lossy(&answer);
                Err(Unanswered::Lost(Loss::BrokenOff(format!("{how} after {answer:?}"))))
            }
        }
    }

    async fn read_answer(&mut self, answer: &mut Vec<u8>) -> Result<String, String> {
        loop {
            if let Some(head) = answer.windows(4).position(|end| end == b"\r\n\r\n") {
                let text = String::from_utf8_lossy(&answer[..head]).to_ascii_lowercase();
                let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
                let length: usize = length.ok_or("no length")?.parse().map_err(|_| "no length")?;
                if answer.len() >= head + 4 + length {
                    self.is_over = text.contains("connection: close");
                    let is_200 = text.starts_with("http/1.1 200 ");
                    let body = String::from_utf8_lossy(&answer[head + 4..]).into_owned();
                    return if is_200 { Ok(body) } else { Err("another status".into()) };
                }
            }
            match self.stream.read_buf(answer).await {
                Ok(0) => return Err("end".into()),
                Ok(_) => {}
                Err(error) => return Err(error.to_string()),
            }
        }
    }
}
