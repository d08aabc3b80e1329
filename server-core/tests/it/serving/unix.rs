//! Unix sockets and their files.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tokio::net::UnixStream;

use super::*;

/// A folder of the test's own, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("waypost-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn socket(&self) -> PathBuf {
        self.0.join("http.sock")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn ask(path: &Path) -> String {
    let mut wire = Wire::new(UnixStream::connect(path).await.unwrap());
    wire.send(GET).await;
    wire.reply().await.text().to_owned()
}

#[tokio::test]
async fn has_its_permissions_and_takes_its_file_along() {
    let folder = Folder::new("permissions");
    let path = folder.socket();
    let server = Server::builder().unix(&path, Some(0o600)).bind().unwrap();
    assert_eq!(server.addr().to_string(), format!("unix:{}", path.display()));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let handle = server.spawn(Site::default()).unwrap();
    assert_eq!(ask(&path).await, "hello");
    soon(handle.shutdown(PATIENCE)).await;
    assert!(!path.exists());
}

#[tokio::test]
async fn replaces_what_a_killed_program_left() {
    let folder = Folder::new("stale");
    let path = folder.socket();
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    let _handle = Server::builder().unix(&path, None).bind().unwrap().spawn(Site::default()).unwrap();
    assert_eq!(ask(&path).await, "hello");
}

#[test]
fn leaves_alone_what_is_not_its_own() {
    let folder = Folder::new("others");
    let path = folder.socket();
    let others = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let error = Server::builder().unix(&path, None).bind().unwrap_err();
    assert!(error.to_string().contains("http.sock"), "{error}");
    drop(others);
    fs::remove_file(&path).unwrap();
    fs::write(&path, "precious").unwrap();
    assert!(Server::builder().unix(&path, None).bind().is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
}

#[test]
fn does_not_remove_its_successors_file() {
    let folder = Folder::new("successor");
    let path = folder.socket();
    let server = Server::builder().unix(&path, None).bind().unwrap();
    fs::remove_file(&path).unwrap();
    let _successor = std::os::unix::net::UnixListener::bind(&path).unwrap();
    drop(server);
    assert!(path.exists());
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let error = Server::builder().unix("/no/such/folder/http.sock", None).bind().unwrap_err();
    assert!(error.to_string().contains("/no/such/folder/http.sock"), "{error}");
}

#[test]
fn of_several_that_start_at_once_one_has_it() {
    let folder = Folder::new("race");
    let path = folder.socket();
    for round in 0..20 {
        if round % 2 == 0 {
            drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        }
        let bind = || Server::builder().unix(&path, None).bind();
        let servers = thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(bind)).collect();
            threads.into_iter().filter_map(|thread| thread.join().unwrap().ok()).collect::<Vec<_>>()
        });
        assert_eq!(servers.len(), 1);
        std::os::unix::net::UnixStream::connect(&path).unwrap();
        let names: Vec<_> = fs::read_dir(&folder.0).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(names, ["http.sock"]);
    }
}

#[tokio::test]
async fn whoever_is_too_busy_to_answer_is_there() {
    let folder = Folder::new("busy");
    let path = folder.socket();
    let busy = configured(|config| config.tcp.backlog = 1).unix(&path, None).bind().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = UnixStream::connect(&path).await {
        waiting.push(stream);
        assert!(waiting.len() < 100, "the backlog is full at some time");
    }
    let again = path.clone();
    let second = tokio::task::spawn_blocking(move || Server::builder().unix(again, None).bind());
    assert!(soon(second).await.unwrap().is_err());
    drop(busy);
}

#[test]
fn serves_one_socket_from_several_threads() {
    let folder = Folder::new("threads");
    let path = folder.socket();
    let server = configured(|config| {
        config.workers.per_core = true;
        config.workers.threads = 3.try_into().ok();
    });
    let server = server.unix(&path, None).bind().unwrap();
    let handle = server.handle();
    let thread = thread::spawn(move || server.run(Site::default()));
    for _ in 0..20 {
        let mut stream = std::os::unix::net::UnixStream::connect(&path).unwrap();
        stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        assert!(reply.ends_with("hello"));
    }
    drop(handle.shutdown(PATIENCE));
    thread.join().unwrap().unwrap();
    assert!(!path.exists());
}
