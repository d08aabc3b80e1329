//! `idle [CONNECTIONS]`: the memory that each library takes for a connection that has had one request and is kept alive.
//! The server is a process of its own: this program once more, as `idle serve NAME`.
#![allow(clippy::print_stdout)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};

use waypost_benches::servers::{self, program};

type Done<T> = Result<T, Box<dyn std::error::Error>>;

const NAMES: [&str; 4] = ["hyper", "hyper-deadline", "waypost", "axum"];

/// What a server has had before it is measured.
const WARM: usize = 100;

fn main() -> Done<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [serve, name] = arguments.as_slice()
        && serve == "serve"
    {
        return self::serve(name);
    }
    let connections = arguments.first().map_or(Ok(10_000), |count| count.parse())?;
    println!("| server | memory before, KiB | {connections} idle connections, KiB | bytes a connection |");
    println!("|---|---|---|---|");
    for name in NAMES {
        let (before, after) = measure(name, connections)?;
        let each = (after.saturating_sub(before)) * 1024 / connections;
        println!("| {name} | {before} | {after} | {each} |");
    }
    Ok(())
}

fn serve(name: &str) -> Done<()> {
    let listener = program::listen()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(servers::serve(name, listener))
}

/// Resident memory, in KiB, without and with the connections.
fn measure(name: &str, connections: usize) -> Done<(usize, usize)> {
    let mut server = Command::new(std::env::current_exe()?)
        .args(["serve", name])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut address = String::new();
    BufReader::new(server.stdout.take().ok_or("no output")?).read_line(&mut address)?;
    let address = address.trim().parse()?;
    let open = |count: usize| (0..count).map(|_| ask(address)).collect::<Done<Vec<_>>>();
    let warm = open(WARM)?;
    let before = resident(server.id())?;
    let idle = open(connections)?;
    let after = resident(server.id())?;
    drop((warm, idle, server.stdin.take()));
    server.wait()?;
    Ok((before, after))
}

/// A connection that had a request.
fn ask(address: SocketAddr) -> Done<TcpStream> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(b"GET /hello HTTP/1.1\r\nhost: localhost\r\n\r\n")?;
    let mut answer = [0; 1024];
    let read = stream.read(&mut answer)?;
    if !answer[..read].starts_with(b"HTTP/1.1 200 ") {
        return Err(format!("answered {:?}", String::from_utf8_lossy(&answer[..read])).into());
    }
    Ok(stream)
}

fn resident(pid: u32) -> Done<usize> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
