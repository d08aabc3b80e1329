//! What a request may call a file, and what must never be opened.

use std::fs;

use waypost::Respond;
use waypost::test::Client;

use super::{Folder, get, status};

#[tokio::test]
async fn names_are_percent_decoded_once() {
    let folder = Folder::new([
        ("a b.txt", b"space"),
        ("grüße.txt", "grüße".as_bytes()),
        ("100%.txt", b"percent"),
        ("%41.txt", b"not an A"),
        ("a+b", b"plus"),
        ("日本語/ファイル", b"nihongo"),
        ("~a!$&'()*,;=:@-_", b"all of pchar"),
        ("a#b?c", b"delimiters"),
    ]);
    let client = folder.client();
    for (name, content) in [
        ("a%20b.txt", "space"),
        ("gr%C3%BC%C3%9Fe.txt", "grüße"),
        ("gr%c3%bc%c3%9fe.txt", "grüße"),
        ("100%25.txt", "percent"),
        ("%2541.txt", "not an A"),
        ("a+b", "plus"),
        ("a%2Bb", "plus"),
        ("%E6%97%A5%E6%9C%AC%E8%AA%9E/%E3%83%95%E3%82%A1%E3%82%A4%E3%83%AB", "nihongo"),
        ("~a!$&'()*,;=:@-_", "all of pchar"),
        ("a%23b%3Fc", "delimiters"),
    ] {
        assert_eq!(get(&client, &format!("/static/{name}"), &[]).await.text().await, content, "{name}");
    }
    assert_eq!(status(&client, "/static/%41.txt", &[]).await, 404, "this is A.txt");
}

#[tokio::test]
async fn names_that_are_none() {
    let folder = Folder::new([("a.txt", b"a"), ("d/b.txt", b"b")]);
    folder.write("../secret.txt", b"secret");
    let client = folder.client();
    let absolute = folder.root.join("a.txt").to_str().unwrap().to_owned();
    let escaped = absolute.replace('/', "%2F");
    let long = "x".repeat(300);
    let longer = "d/".repeat(20_000);
    for name in [
        "..",
        "../secret.txt",
        "%2e%2e/secret.txt",
        "%2E./secret.txt",
        "d/../a.txt",
        "d/%2e%2e/a.txt",
        "./a.txt",
        "d/./b.txt",
        "%2e/a.txt",
        "..%2Fsecret.txt",
        "..%5Csecret.txt",
        "d%2Fb.txt",
        "d%5Cb.txt",
        "d//b.txt",
        "/a.txt",
        "%2Fa.txt",
        &escaped,
        &absolute,
        "a.txt%00",
        "a.txt%00.html",
        "%00",
        "a.txt/",
        "a.txt/x",
        "a.txt%2F",
        "%FF",
        "%C3",
        "%C0%AE%C0%AE/secret.txt",
        "%C0%AF",
        "....//secret.txt",
        "%252e%252e/secret.txt",
        &long,
        &longer,
    ] {
        let reply = get(&client, &format!("/static/{name}"), &[]).await;
        assert_eq!(reply.status(), 404, "{name}");
        assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    }
}

/// None of these is opened, so none of them can hold up a thread.
#[cfg(unix)]
#[tokio::test]
async fn what_is_no_file() {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    let folder = Folder::new([]);
    let pipe = folder.root.join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let _socket = UnixListener::bind(folder.root.join("socket")).unwrap();
    symlink("pipe", folder.root.join("to-pipe")).unwrap();
    symlink("socket", folder.root.join("to-socket")).unwrap();
    symlink("/dev/zero", folder.root.join("device")).unwrap();
    symlink("/proc/self/fd/0", folder.root.join("magic")).unwrap();
    symlink("loop", folder.root.join("loop")).unwrap();
    symlink("gone", folder.root.join("dangling")).unwrap();
    for directory in [folder.directory(), folder.directory().follow_symlinks()] {
        let client = Client::new(waypost::App::new(waypost::routes![..directory]));
        for name in [
            "pipe",
            "socket",
            "to-pipe",
            "to-socket",
            "device",
            "magic",
            "loop",
            "dangling",
            "loop/x",
            "pipe/",
        ] {
            assert_eq!(status(&client, &format!("/{name}"), &[]).await, 404, "{name}");
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn links_within_the_folder() {
    use std::os::unix::fs::symlink;

    let folder = Folder::new([("a/file.txt", b"inside"), ("b/other.txt", b"inside")]);
    folder.write("../outside/secret.txt", b"outside");
    symlink("a/file.txt", folder.root.join("to-file")).unwrap();
    symlink("a", folder.root.join("to-folder")).unwrap();
    symlink("../a/file.txt", folder.root.join("b/up-and-down")).unwrap();
    symlink("..", folder.root.join("a/top")).unwrap();
    symlink("../outside/secret.txt", folder.root.join("out")).unwrap();
    symlink("../outside", folder.root.join("out-folder")).unwrap();
    symlink(folder.outer.join("outside/secret.txt"), folder.root.join("out-absolute")).unwrap();
    symlink("../../outside/secret.txt", folder.root.join("a/out")).unwrap();
    symlink("out", folder.root.join("out-twice")).unwrap();
    let within = ["to-file", "to-folder/file.txt", "b/up-and-down", "a/top/b/other.txt"];
    let out = ["out", "out-folder/secret.txt", "out-absolute", "a/out", "out-twice", "a/top/out"];

    async fn expect(client: &Client<impl Respond>, names: &[&str], content: Option<&str>) {
        for name in names {
            let reply = get(client, &format!("/{name}"), &[]).await;
            assert_eq!(reply.status(), if content.is_some() { 200 } else { 404 }, "{name}");
            if let Some(content) = content {
                assert_eq!(reply.text().await, content, "{name}");
            }
        }
    }
    let client = Client::new(waypost::App::new(waypost::routes![..folder.directory()]));
    expect(&client, &within, Some("inside")).await;
    expect(&client, &out, None).await;
    let directory = folder.directory().follow_symlinks();
    let client = Client::new(waypost::App::new(waypost::routes![..directory]));
    expect(&client, &within, Some("inside")).await;
    expect(&client, &out, Some("outside")).await;
}

/// 403 to whom may not read; the superuser may.
#[cfg(unix)]
#[tokio::test]
async fn what_this_process_may_not_read() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = Folder::new([("a.txt", b"a"), ("shut/b.txt", b"b"), ("c.txt", b"c"), ("c.txt.gz", b"")]);
    let shut =
        |name: &str| fs::set_permissions(folder.root.join(name), fs::Permissions::from_mode(0o000)).unwrap();
    ["a.txt", "shut", "c.txt.gz"].into_iter().for_each(shut);
    let expected = if fs::read(folder.root.join("a.txt")).is_ok() { 200 } else { 403 };
    let client = folder.client();
    assert_eq!(status(&client, "/static/a.txt", &[]).await, expected);
    assert_eq!(status(&client, "/static/shut/b.txt", &[]).await, expected);
    let client = Client::new(waypost::App::new(waypost::routes![..folder.directory().precompressed()]));
    assert_eq!(status(&client, "/c.txt", &[("accept-encoding", "gzip")]).await, 200);
    fs::set_permissions(folder.root.join("shut"), fs::Permissions::from_mode(0o700)).unwrap();
}
