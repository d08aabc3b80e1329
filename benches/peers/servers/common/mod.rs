//! What the servers share: how they are started and ended, and the documents of their routes, which are those of
//! `benches/servers/mod.rs`.
#![allow(dead_code)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};

use serde::{Deserialize, Serialize};

pub type Done = Result<(), Box<dyn std::error::Error>>;

/// `NAME [THREADS] [EXTRA] [h2c]`
pub struct Options {
    /// Threads that serve; one unless said.
    pub threads: usize,
    /// How many routes `GET /extra/{n}/{id}` there are beside the five.
    pub extra: usize,
    /// HTTP/2 without TLS, of which a client knows beforehand, for those whose listener has to be told.
    pub h2c: bool,
}

impl Options {
    pub fn read() -> Self {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let number = |at: usize| arguments.get(at).and_then(|number| number.parse().ok());
        Options {
            threads: number(0).unwrap_or(1),
            extra: number(1).unwrap_or(0),
            h2c: arguments.get(2).is_some_and(|protocol| protocol == "h2c"),
        }
    }
}

/// A socket that listens, at a port of the system's choice, and says so: see `announce`.
pub fn listen() -> std::io::Result<TcpListener> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    announce(listener.local_addr()?)?;
    Ok(listener)
}

/// An address that is free, for a server that binds by itself and does not say where.
pub fn free() -> std::io::Result<SocketAddr> {
    TcpListener::bind("127.0.0.1:0")?.local_addr()
}

/// Prints the address; from then on the process ends when its standard input does.
pub fn announce(address: SocketAddr) -> std::io::Result<()> {
    println!("{address}");
    std::io::stdout().flush()?;
    std::thread::spawn(|| {
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(0);
    });
    Ok(())
}

#[derive(Serialize)]
pub struct User<'a> {
    pub id: u32,
    pub name: &'a str,
    pub email: &'a str,
}

pub const USER: User<'static> = User { id: 7, name: "Ada Lovelace", email: "ada@example.org" };

#[derive(Deserialize)]
pub struct Order {
    pub lines: Vec<Line>,
}

#[derive(Deserialize)]
pub struct Line {
    pub name: String,
    pub count: u32,
    pub price: f64,
}

impl Order {
    pub fn total(&self) -> String {
        let total: f64 = self.lines.iter().map(|line| f64::from(line.count) * line.price).sum();
        let letters: usize = self.lines.iter().map(|line| line.name.len()).sum();
        format!("{total:.2} {letters}")
    }
}

#[derive(Deserialize)]
pub struct Search {
    pub q: String,
    pub page: Option<u32>,
}

impl Search {
    pub fn text(&self) -> String {
        format!("page {} of {}", self.page.unwrap_or(1), self.q)
    }
}
