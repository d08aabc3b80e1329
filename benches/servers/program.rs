//! How a program that is one server is started and ended. Those of `peers/` and `small/` have this file, too.
#![allow(dead_code)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};

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

/// Prints the address; from then on the process ends when its standard input does, and at once, so that nothing is counted
/// but what it was asked.
#[allow(clippy::print_stdout)]
pub fn announce(address: impl std::fmt::Display) -> std::io::Result<()> {
    println!("{address}");
    std::io::stdout().flush()?;
    std::thread::spawn(|| {
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(0);
    });
    Ok(())
}
