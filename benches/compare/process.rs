//! A server as a process of its own, on a processor of its own; it ends with the value that stands for it.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Failure;
use crate::processors::{Processor, pin};

/// Clocks of /proc/PID/stat in a second, which Linux has fixed for programs to see.
const TICKS: f64 = 100.0;

/// How long a server has to say its address, which Python's takes a second for, and valgrind's more.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    /// Starts one and waits until it listens.
    pub(crate) fn start(program: &Path, arguments: &[OsString]) -> Result<Self, Failure> {
        let name = program.display();
        pin(Processor::Server)?;
        let child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        pin(Processor::Load)?;
        let mut child = Guard(Some(child.map_err(|error| format!("{name}: {error}"))?));
        let output = child.inner()?.stdout.take().ok_or("no output")?;
        // Read by a thread, since a server that never says where it is must not hold up everything.
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = BufReader::new(output).read_line(&mut line).map(|_| line);
            let _ = tell.send(read);
        });
        let line = told.recv_timeout(PATIENCE).map_err(|_| format!("{name} did not say its address"))??;
        let address = line.trim().parse().map_err(|_| format!("{name} said {line:?}, not its address"))?;
        let child = child.0.take().ok_or("no process")?;
        Ok(Self { child, address })
    }

    /// Seconds of processor time that it has had, all threads together.
    pub(crate) fn cpu_time(&self) -> Result<f64, Failure> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        Ok(ticks(&stat).ok_or("no times in /proc/PID/stat")? as f64 / TICKS)
    }

    /// Resident memory now, in KiB.
    pub(crate) fn resident(&self) -> Result<u64, Failure> {
        self.status("VmRSS:")
    }

    /// The most memory that was resident, in KiB.
    pub(crate) fn peak(&self) -> Result<u64, Failure> {
        self.status("VmHWM:")
    }

    fn status(&self, field: &str) -> Result<u64, Failure> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        let value = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        value.ok_or(format!("no {field} in /proc/PID/status").into())
    }

    /// Lets it end by itself, as it does when its input ends, and waits for that.
    pub(crate) fn end(mut self) -> Result<(), Failure> {
        if leave(&mut self.child) { Ok(()) } else { Err("a server did not end with its input".into()) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        leave(&mut self.child);
    }
}

/// A process that is not a server yet.
struct Guard(Option<Child>);

impl Guard {
    fn inner(&mut self) -> Result<&mut Child, Failure> {
        self.0.as_mut().ok_or("no process".into())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            leave(child);
        }
    }
}

/// Closes the process's input, gives it time to end, and ends it if it does not. Whether it ended by itself.
fn leave(child: &mut Child) -> bool {
    drop(child.stdin.take());
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(10) {
        match child.try_wait() {
            Ok(None) => std::thread::sleep(Duration::from_millis(5)),
            ended => return ended.is_ok(),
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    false
}

/// User and system time, the 14th and 15th fields; the name before them, which may contain anything, is in parentheses.
fn ticks(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_behind_any_name() {
        let stat = "42 (a) b (c) S 1 42 42 0 -1 4194560 100 0 0 0 250 31 0 0 20 0 2 0 900 10000 200";
        assert_eq!(ticks(stat), Some(281));
        assert_eq!(ticks("42 (a) S 1"), None);
        assert_eq!(ticks(""), None);
    }
}
