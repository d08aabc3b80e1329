//! What the system refuses.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use waypost::Server;

use crate::program::Program;
use crate::tools::{Folder, PATIENCE};

/// Connects and asks; the answer may be long in coming.
fn ask(address: std::net::SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn is_answered(stream: &mut TcpStream) -> bool {
    let mut answer = [0; 4096];
    matches!(stream.read(&mut answer), Ok(read) if answer[..read].starts_with(b"HTTP/1.1 200 "))
}

const WAITS: &str = "log WARN cannot accept connections";

/// It waits, says so once a pause, and goes on with those that came meanwhile.
#[test]
fn files_run_out() {
    const ROOM: usize = 8;
    let mut server = Program::start(&format!("fill {ROOM}"));
    let address = server.address();
    let mut clients: Vec<_> = (0..3 * ROOM).map(|_| ask(address)).collect();
    let line = server.says(WAITS);
    assert!(line.contains("Too many open files"), "{line}");
    assert!(line.contains("pause=5ms"), "{line}");
    // The pauses double up to a second: 5, 10, 20, ..
    server.says(WAITS);
    let line = server.says(WAITS);
    assert!(line.contains("pause=20ms"), "{line}");
    for client in &mut clients {
        assert!(is_answered(client));
        client.shutdown(std::net::Shutdown::Both).unwrap();
    }
    let said = server.log().iter().filter(|line| line.starts_with(WAITS)).count();
    println!("{} clients at {ROOM} files: all answered, {said} lines logged", 3 * ROOM);
    // Each line was a pause in which room was made for at least one.
    assert!(said < 20 * ROOM, "{said} lines");
    assert!(is_answered(&mut ask(address)));
    server.terminate();
    assert!(server.wait().success());
}

/// `ulimit -n 64`: there is room for the process itself, and one connection after the other.
#[test]
fn few_files_from_the_start() {
    let server = Program::start("files 64");
    let address = server.address();
    let clients: Vec<_> = (0..100).map(|_| ask(address)).collect();
    for mut client in clients {
        assert!(is_answered(&mut client));
    }
    let log = server.log();
    assert!(!log.iter().any(|line| line.contains("cannot accept")), "{log:?}");
    assert!(log.iter().any(|line| line.contains("as many connections as there may be")), "{log:?}");
}

fn bind_error(path: &Path) -> String {
    let error = Server::builder().unix(path, None).bind().unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot listen on the Unix socket {}: ", path.display())), "{error}");
    error
}

#[test]
fn a_socket_path_that_is_too_long() {
    let folder = Folder::new("long");
    let error = bind_error(&folder.0.join("x".repeat(120)));
    assert!(error.contains("SUN_LEN"), "{error}");
}

#[test]
fn a_socket_below_a_file() {
    let folder = Folder::new("below");
    let file = folder.0.join("file");
    std::fs::write(&file, "").unwrap();
    let error = bind_error(&file.join("http.sock"));
    assert!(error.contains("Not a directory"), "{error}");
}

/// What the program says to a folder that its first line makes. `None` where the system lets nobody mount.
fn says_in_a_folder(name: &str, make: &str) -> Option<String> {
    let folder = Folder::new(name);
    let path = folder.0.join("http.sock");
    let mut command = Command::new("unshare");
    let script = format!("{make} && exec \"$@\"");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]).arg(&folder.0);
    let may = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", make])
        .arg(&folder.0)
        .output();
    if !may.is_ok_and(|may| may.status.success()) {
        println!("this system lets nobody mount: skipped");
        return None;
    }
    command.arg(std::env::current_exe().unwrap());
    let program = Program::start_as(command, &format!("unix {}", path.display()));
    let error = program.says("error");
    assert!(error.contains(&path.display().to_string()), "{error}");
    Some(error)
}

#[test]
fn a_full_disk() {
    // Two inodes: one for the folder itself.
    let make = r#"mount -t tmpfs -o size=4k,nr_inodes=2 none "$0" && : > "$0/file""#;
    if let Some(error) = says_in_a_folder("full", make) {
        assert!(error.contains("No space left on device"), "{error}");
    }
}

#[test]
fn a_read_only_folder() {
    if let Some(error) = says_in_a_folder("readonly", r#"mount -t tmpfs -o ro none "$0""#) {
        assert!(error.contains("Read-only file system"), "{error}");
    }
}
