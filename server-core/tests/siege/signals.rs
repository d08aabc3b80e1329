//! What signals do before a server waits for them, and while it already ends.

use rustix::process::Signal;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::program::Program;
use crate::tools::{ask_once, soon};

/// The deadline is never: nothing else ends it.
#[tokio::test]
async fn a_second_one_cuts() {
    for (first, second) in
        [(Signal::TERM, Signal::INT), (Signal::INT, Signal::INT), (Signal::TERM, Signal::TERM)]
    {
        let mut program = Program::start("patient");
        let address = program.address();
        ask_once(address).await;
        let mut busy = TcpStream::connect(address).await.unwrap();
        busy.write_all(b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        let mut seen = Vec::new();
        while !seen.windows(6).any(|part| part == b"so far") {
            assert!(soon(busy.read_buf(&mut seen)).await.unwrap() > 0);
        }
        program.signal(first);
        soon(async { while TcpStream::connect(address).await.is_ok() {} }).await;
        let early =
            tokio::time::timeout(std::time::Duration::from_millis(50), busy.read_buf(&mut seen)).await;
        assert!(early.is_err(), "cut by the first");
        program.signal(second);
        let _ = soon(busy.read_to_end(&mut seen)).await;
        assert!(!seen.ends_with(b"0\r\n\r\n"));
        assert!(program.wait().success());
        assert_eq!(program.says("ended"), "1 1", "connections and requests cut");
    }
}

/// As it would happen to a program with several servers, each with a `termination()` of its own.
#[test]
fn one_that_comes_before_it_is_waited_for_is_heard() {
    let mut program = Program::start("early");
    program.says("heard");
    assert!(program.wait().success());
}
