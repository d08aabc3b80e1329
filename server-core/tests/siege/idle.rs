//! Connections that are kept alive and ask for nothing.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::program::Program;
use crate::tools::{allow_files, status};

const CONNECTIONS: u64 = 1000;

/// More than it takes, in a build without optimisation too; what it takes is measured by `benches/idle.rs`.
const KIB_EACH: u64 = 6;

#[test]
fn an_idle_connection_takes_little_memory() {
    allow_files(4096);
    let server = Program::start("plain");
    let address = server.address();
    let connect = || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        let mut answer = [0; 4096];
        assert!(stream.read(&mut answer).unwrap() > 0);
        assert!(answer.starts_with(b"HTTP/1.1 200 "));
        stream
    };
    let _warm: Vec<_> = (0..50).map(|_| connect()).collect();
    let before = status(server.id(), "VmRSS");
    let _idle: Vec<_> = (0..CONNECTIONS).map(|_| connect()).collect();
    let grown = status(server.id(), "VmRSS").saturating_sub(before);
    println!("{CONNECTIONS} idle connections: {grown} KiB");
    assert!(grown < CONNECTIONS * KIB_EACH, "{grown} KiB");
}
