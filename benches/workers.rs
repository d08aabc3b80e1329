//! The two layouts of a server's threads, measured beside each other: `workers` starts each as a process of its own,
//! round after round, and prints the medians.
//!
//! Requests a second depend on how the machine shares its processors between server and load; the server's own time for
//! a request (user and system, `/proc/PID/stat`) does not.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Instant;

use waypost::config::Config;
use waypost::{App, Server, get, routes};
use waypost_benches::servers::program;

#[get("/hello")]
async fn hello() -> &'static str {
    "Hello, World!"
}

const ROUNDS: usize = 5;
const CONNECTIONS: usize = 64;
const REQUESTS: usize = 2_000;
/// Clocks of /proc/PID/stat in a second, which Linux has fixed for programs to see.
const TICKS: f64 = 100.0;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    if let (Some(layout), Some(threads)) = (arguments.next(), arguments.next()) {
        return serve(&layout, threads.parse()?);
    }
    let layouts = [("shared", 1), ("per core", 1), ("shared", 2), ("per core", 2)];
    let mut results = vec![Vec::new(); layouts.len()];
    for _ in 0..ROUNDS {
        for ((layout, threads), results) in layouts.iter().zip(&mut results) {
            results.push(measure(layout, *threads)?);
        }
    }
    println!("| threads | CPU a request, µs | requests/s |\n|---|---|---|");
    for ((layout, threads), results) in layouts.iter().zip(results) {
        let (mut costs, mut rates): (Vec<f64>, Vec<f64>) = results.into_iter().unzip();
        costs.sort_by(f64::total_cmp);
        rates.sort_by(f64::total_cmp);
        println!("| {threads}, {layout} | {:.2} | {:.0} |", costs[ROUNDS / 2], rates[ROUNDS / 2]);
    }
    Ok(())
}

fn serve(layout: &str, threads: usize) -> Result<(), Box<dyn Error>> {
    let mut config = Config::default();
    config.workers.per_core = layout == "per core";
    config.workers.threads = threads.try_into().ok();
    let server = Server::builder().config(config).tcp("127.0.0.1:0").bind()?;
    // If whoever started it is ended, it ends, too.
    program::announce(server.addr())?;
    Ok(server.run(App::new(routes![hello]))?)
}

/// The server's time for a request in microseconds, and requests a second.
fn measure(layout: &str, threads: usize) -> Result<(f64, f64), Box<dyn Error>> {
    let server = Command::new(std::env::current_exe()?)
        .args([layout, &threads.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut server = Running(server);
    let mut address = String::new();
    BufReader::new(server.0.stdout.take().ok_or("no output")?).read_line(&mut address)?;
    load(&server.0, address.trim())
}

/// A process that ends with this value, whatever came of it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn load(server: &Child, address: &str) -> Result<(f64, f64), Box<dyn Error>> {
    let mut streams = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        streams.push(stream);
    }
    let (start, before) = (Instant::now(), cpu_time(server)?);
    thread::scope(|scope| {
        let clients: Vec<_> = streams.iter_mut().map(|stream| scope.spawn(|| exchange(stream))).collect();
        clients.into_iter().try_for_each(|client| client.join().map_err(|_| "a client panicked")?)
    })
    .map_err(|error: Box<dyn Error + Send + Sync>| -> Box<dyn Error> { error })?;
    let requests = (CONNECTIONS * REQUESTS) as f64;
    let cost = (cpu_time(server)? - before) / requests * 1e6;
    Ok((cost, requests / start.elapsed().as_secs_f64()))
}

/// One request after the other.
fn exchange(stream: &mut TcpStream) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut answer = [0; 1024];
    for _ in 0..REQUESTS {
        stream.write_all(b"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
        let mut length = 0;
        while !answer[..length].ends_with(b"Hello, World!") {
            match stream.read(&mut answer[length..])? {
                0 => return Err("the server closed a connection".into()),
                read => length += read,
            }
        }
    }
    Ok(())
}

/// Seconds of processor time that the process has had.
fn cpu_time(process: &Child) -> Result<f64, Box<dyn Error>> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.id()))?;
    // The name, which may contain anything, is in parentheses; user and system time are the 14th and 15th fields.
    let (_, rest) = stat.rsplit_once(')').ok_or("no process")?;
    let fields: Vec<_> = rest.split_whitespace().collect();
    let ticks = fields[11].parse::<f64>()? + fields[12].parse::<f64>()?;
    Ok(ticks / TICKS)
}
