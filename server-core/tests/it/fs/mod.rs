//! Files from a folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, SystemTime};

use serde_json::json;
use waypost::fs::Directory;
use waypost::http::{HeaderName, Method};
use waypost::test::{Client, Reply};
use waypost::{App, Respond, routes};

use crate::support::problem;

mod codings;
mod conditions;
mod folders;
mod handlers;
mod names;
mod ranges;
mod safety;
mod sending;

/// Sun, 06 Nov 1994 08:49:37 GMT
const THEN: Duration = Duration::from_secs(784_111_777);
const THEN_TEXT: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

/// A folder that is gone when it is dropped, within one that is, too: `root/` and whatever is put beside it.
struct Folder {
    outer: PathBuf,
    root: PathBuf,
}

impl Folder {
    fn new<const N: usize>(files: [(&str, &[u8]); N]) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("waypost-fs-{}-{}", std::process::id(), COUNT.fetch_add(1, Relaxed));
        let outer = std::env::temp_dir().canonicalize().unwrap().join(name);
        let folder = Self { root: outer.join("root"), outer };
        fs::create_dir_all(&folder.root).unwrap();
        for (name, content) in files {
            folder.write(name, content);
        }
        folder
    }

    /// A file that has lain still since [`THEN`].
    fn write(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.fresh(name, content);
        modify(&path, SystemTime::UNIX_EPOCH + THEN);
        path
    }

    /// A file that was just written.
    fn fresh(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    fn directory(&self) -> Directory {
        Directory::new(&self.root)
    }

    fn client(&self) -> Client<impl Respond + use<>> {
        Client::new(App::new(routes!["/static" => [..self.directory()]]))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.outer);
    }
}

fn modify(path: &Path, time: SystemTime) {
    fs::OpenOptions::new().write(true).open(path).unwrap().set_modified(time).unwrap();
}

async fn ask(client: &Client<impl Respond>, method: Method, target: &str, fields: &[(&str, &str)]) -> Reply {
    let request = client.request(method, target);
    let request = fields.iter().fold(request, |request, (name, value)| {
        request.header(HeaderName::from_bytes(name.as_bytes()).unwrap(), *value)
    });
    request.send().await
}

async fn get(client: &Client<impl Respond>, target: &str, fields: &[(&str, &str)]) -> Reply {
    ask(client, Method::GET, target, fields).await
}

async fn status(client: &Client<impl Respond>, target: &str, fields: &[(&str, &str)]) -> u16 {
    get(client, target, fields).await.status().as_u16()
}

#[tokio::test]
async fn a_file_and_what_is_told_of_it() {
    let folder = Folder::new([("a.txt", b"hello")]);
    let client = folder.client();
    let reply = get(&client, "/static/a.txt", &[]).await;
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(reply.header("content-length"), Some("5"));
    assert_eq!(reply.header("accept-ranges"), Some("bytes"));
    assert_eq!(reply.header("last-modified"), Some(THEN_TEXT));
    assert_eq!(reply.header("vary"), None);
    assert_eq!(reply.header("cache-control"), None);
    let tag = reply.header("etag").unwrap().to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 4, "{tag}");
    assert_eq!(reply.text().await, "hello");
}

#[tokio::test]
async fn head_has_the_fields_of_get() {
    let large = vec![b'x'; 300_000];
    let folder = Folder::new([("a.txt", b"hello"), ("empty", b""), ("large.bin", &large)]);
    let client = folder.client();
    for (name, length) in [("a.txt", "5"), ("empty", "0"), ("large.bin", "300000")] {
        let target = format!("/static/{name}");
        let get = get(&client, &target, &[]).await;
        let head = ask(&client, Method::HEAD, &target, &[]).await;
        assert_eq!(head.status(), 200);
        assert_eq!(head.header("content-length"), Some(length));
        assert_eq!(head.headers(), get.headers());
        assert_eq!(get.bytes().await.len().to_string(), length);
        assert!(head.bytes().await.is_empty());
    }
}

/// RFC 9110 section 14.2: a range is of no meaning for HEAD.
#[tokio::test]
async fn head_knows_no_ranges() {
    let folder = Folder::new([("a.txt", b"hello")]);
    let client = folder.client();
    for range in ["bytes=1-2", "bytes=9-"] {
        let reply = ask(&client, Method::HEAD, "/static/a.txt", &[("range", range)]).await;
        assert_eq!((reply.status().as_u16(), reply.header("content-length")), (200, Some("5")));
    }
}

#[tokio::test]
async fn other_methods() {
    let folder = Folder::new([("a.txt", b"hello")]);
    let client = folder.client();
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::TRACE] {
        let reply = ask(&client, method, "/static/a.txt", &[]).await;
        assert_eq!((reply.status().as_u16(), reply.header("allow")), (405, Some("GET, HEAD, OPTIONS")));
    }
    let reply = ask(&client, Method::OPTIONS, "/static/a.txt", &[]).await;
    assert_eq!((reply.status().as_u16(), reply.header("allow")), (204, Some("GET, HEAD, OPTIONS")));
}

#[tokio::test]
async fn media_types() {
    let folder = Folder::new([]);
    let client = folder.client();
    for (name, expected) in [
        ("a.html", "text/html; charset=utf-8"),
        ("a.CSS", "text/css; charset=utf-8"),
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.mjs", "text/javascript; charset=utf-8"),
        ("a.md", "text/markdown; charset=utf-8"),
        ("a.json", "application/json"),
        ("a.wasm", "application/wasm"),
        ("a.svg", "image/svg+xml"),
        ("a.png", "image/png"),
        ("a.woff2", "font/woff2"),
        ("a.tar.gz", "application/gzip"),
        ("a.unheard-of", "application/octet-stream"),
        ("none", "application/octet-stream"),
    ] {
        folder.write(name, b"x");
        let reply = get(&client, &format!("/static/{name}"), &[]).await;
        assert_eq!(reply.header("content-type"), Some(expected), "{name}");
        assert_eq!(reply.header("content-encoding"), None);
    }
}

#[tokio::test]
async fn cache_control() {
    let folder = Folder::new([("a.txt", b"hello")]);
    let client = Client::new(App::new(routes![..folder.directory().cache_control("max-age=60")]));
    let reply = get(&client, "/a.txt", &[]).await;
    assert_eq!(reply.header("cache-control"), Some("max-age=60"));
    let tag = reply.header("etag").unwrap().to_owned();
    let reply = get(&client, "/a.txt", &[("if-none-match", &tag)]).await;
    assert_eq!((reply.status().as_u16(), reply.header("cache-control")), (304, Some("max-age=60")));
    let reply = get(&client, "/b.txt", &[]).await;
    assert_eq!((reply.status().as_u16(), reply.header("cache-control")), (404, None));

    let client = Client::new(App::new(routes![..folder.directory().cache_control("a\nb")]));
    assert_eq!(status(&client, "/a.txt", &[]).await, 500);
}

/// A change is seen at once: nothing is kept.
#[tokio::test]
async fn every_request_looks_anew() {
    let folder = Folder::new([("a.txt", b"one")]);
    let client = folder.client();
    let first = get(&client, "/static/a.txt", &[]).await;
    let tag = first.header("etag").unwrap().to_owned();
    folder.fresh("a.txt", b"two");
    let second = get(&client, "/static/a.txt", &[("if-none-match", &tag)]).await;
    assert_eq!(second.status(), 200);
    assert_eq!(second.text().await, "two");
    fs::remove_file(folder.root.join("a.txt")).unwrap();
    assert_eq!(status(&client, "/static/a.txt", &[]).await, 404);
}

#[tokio::test]
async fn a_root_that_is_missing_is_the_servers_fault() {
    let folder = Folder::new([("file", b"")]);
    for root in [folder.root.join("none"), folder.root.join("file")] {
        for directory in [Directory::new(&root), Directory::new(&root).follow_symlinks()] {
            let client = Client::new(App::new(routes![..directory]));
            // Neither the path nor what the system says of it is for clients; and a HEAD is told no more.
            let told = problem(get(&client, "/a.txt", &[]).await, 500).await;
            assert_eq!(
                told,
                json!({ "title": "Internal Server Error", "status": 500 }),
                "{}",
                root.display()
            );
            let reply = ask(&client, Method::HEAD, "/a.txt", &[]).await;
            assert_eq!(reply.status(), 500);
            assert!(reply.bytes().await.is_empty());
        }
    }
}

/// A deployment may swap the link that the folder's path ends in.
#[cfg(unix)]
#[tokio::test]
async fn the_root_may_be_a_link_that_changes() {
    let folder = Folder::new([("1/a.txt", b"one"), ("2/a.txt", b"two")]);
    let current = folder.outer.join("current");
    std::os::unix::fs::symlink("root/1", &current).unwrap();
    let client = Client::new(App::new(routes![..Directory::new(&current)]));
    assert_eq!(get(&client, "/a.txt", &[]).await.text().await, "one");
    let next = folder.outer.join("next");
    std::os::unix::fs::symlink("root/2", &next).unwrap();
    fs::rename(next, current).unwrap();
    assert_eq!(get(&client, "/a.txt", &[]).await.text().await, "two");
}
