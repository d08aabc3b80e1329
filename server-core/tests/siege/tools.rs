//! What all of them need.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Long enough for anything that is to happen, short enough to fail.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// What every connection of HTTP/2 begins with (RFC 9113 section 3.4).
pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A frame of HTTP/2 (section 4.1 there) with less than 64 KiB.
pub(crate) fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(payload.len()).unwrap().to_be_bytes();
    [&[0, high, low, kind, flags, 0, 0, 0, stream], payload].concat()
}

/// Waits for what is about to happen.
pub(crate) async fn until(what: &str, happened: impl Fn() -> bool) {
    let wait = async {
        while !happened() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("waited in vain until {what}"));
}

pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("in time")
}

/// Lets the process have so many open files, or as many as it may.
pub(crate) fn allow_files(files: u64) {
    let limit = getrlimit(Resource::Nofile);
    let most = limit.maximum.unwrap_or(u64::MAX);
    let current = Some(files.min(most));
    if limit.current.is_some_and(|now| now < files) {
        setrlimit(Resource::Nofile, Rlimit { current, maximum: limit.maximum }).unwrap();
    }
}

/// What the system knows of the connections from a port, at both ends, and of the socket that listens at another: states,
/// queues, timers, and which processes hold them.
pub(crate) fn known_of(client: SocketAddr, server: SocketAddr) -> String {
    let ports = [client, server].map(|address| format!(":{:04X} ", address.port()));
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let ours = table.lines().filter(|line| {
        let is_listening = line.split_whitespace().nth(3) == Some("0A");
        line.contains(&ports[0]) || is_listening && line.contains(&ports[1])
    });
    let lines = ours.map(|line| {
        let inode = line.split_whitespace().nth(9).unwrap_or_default();
        format!("{} held by {:?}", line.trim(), holders(inode))
    });
    lines.collect::<Vec<_>>().join("; ")
}

/// The processes that have a socket open.
fn holders(inode: &str) -> Vec<String> {
    let socket = PathBuf::from(format!("socket:[{inode}]"));
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let names = processes.filter(|process| {
        let files = std::fs::read_dir(process.path().join("fd")).into_iter().flatten().flatten();
        files.map(|file| std::fs::read_link(file.path())).any(|file| file.is_ok_and(|file| file == socket))
    });
    names.map(|process| process.file_name().to_string_lossy().into_owned()).collect()
}

/// A request, answered, on a connection that then ends.
pub(crate) async fn ask_once(address: SocketAddr) -> String {
    let mut line = crate::client::Line::open(address).await.unwrap();
    soon(line.ask("/", "")).await.unwrap()
}

/// A folder of the test's own, which goes with it.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("waypost-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A figure of `/proc/PID/status`, such as `VmRSS` (in KiB).
pub(crate) fn status(pid: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
