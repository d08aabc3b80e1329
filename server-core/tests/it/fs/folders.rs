//! Folders: an index, the slash, and pages in the place of what is not there.

use waypost::fs::Directory;
use waypost::test::Client;
use waypost::{App, get, routes};

use super::{Folder, get as ask, status};

fn folder() -> Folder {
    Folder::new([
        ("index.html", b"top"),
        ("docs/index.html", b"docs"),
        ("docs/a b/index.html", b"deep"),
        ("bare/a.txt", b"a"),
        ("odd/index.html/x", b"a folder of that name"),
        ("plain", b"a file"),
    ])
}

#[tokio::test]
async fn an_index_answers_for_its_folder() {
    let folder = folder();
    let client = folder.client();
    assert_eq!(ask(&client, "/static/", &[]).await.text().await, "top");
    assert_eq!(ask(&client, "/static/docs/", &[]).await.text().await, "docs");
    let reply = ask(&client, "/static/docs/a%20b/", &[]).await;
    assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(reply.text().await, "deep");
    for target in ["/static/bare/", "/static/bare", "/static/odd/", "/static/odd", "/static/plain/"] {
        assert_eq!(status(&client, target, &[]).await, 404, "{target}");
    }
}

#[tokio::test]
async fn a_folder_without_its_slash_is_sent_on() {
    let folder = folder();
    let client = folder.client();
    for (target, location) in [
        ("/static", "./static/"),
        ("/static?a=b&c", "./static/?a=b&c"),
        ("/static/docs", "./docs/"),
        ("/static/docs?", "./docs/?"),
        ("/static/docs/a%20b?x=%2F/..", "./a%20b/?x=%2F/.."),
        ("/static/%64ocs", "./docs/"),
    ] {
        let reply = ask(&client, target, &[]).await;
        assert_eq!((reply.status().as_u16(), reply.header("location")), (308, Some(location)), "{target}");
        assert!(reply.bytes().await.is_empty());
    }
}

/// An address that begins with two slashes would be another host's; `a:b` would be another scheme's.
#[tokio::test]
async fn it_is_sent_nowhere_else() {
    let folder = Folder::new([("evil.example/index.html", b""), ("a:b/index.html", b"")]);
    let client = Client::new(App::new(routes![..folder.directory()]));
    assert_eq!(ask(&client, "/a:b", &[]).await.header("location"), Some("./a:b/"));
    for target in ["//evil.example", "/%2Fevil.example", "/%5Cevil.example", "///evil.example"] {
        assert_eq!(status(&client, target, &[]).await, 404, "{target}");
    }
}

#[tokio::test]
async fn at_the_root_and_below_parameters() {
    let folder = folder();
    #[get("/api/hello")]
    async fn hello() -> &'static str {
        "hello"
    }
    let client = Client::new(App::new(routes![hello, ..folder.directory()]));
    assert_eq!(ask(&client, "/", &[]).await.text().await, "top");
    assert_eq!(ask(&client, "/plain", &[]).await.text().await, "a file");
    assert_eq!(ask(&client, "/api/hello", &[]).await.text().await, "hello");
    assert_eq!(ask(&client, "/docs", &[]).await.header("location"), Some("./docs/"));
    let client = Client::new(App::new(routes!["/{tenant}/files" => [..folder.directory()]]));
    assert_eq!(ask(&client, "/acme/files/plain", &[]).await.text().await, "a file");
    assert_eq!(ask(&client, "/%C3%BC%2F/files/docs/", &[]).await.text().await, "docs");
    assert_eq!(status(&client, "/acme/plain", &[]).await, 404);
    let both = routes!["/a" => [..folder.directory()], "/b" => [..Directory::new(folder.root.join("docs"))]];
    let client = Client::new(App::new(both));
    assert_eq!(ask(&client, "/a/", &[]).await.text().await, "top");
    assert_eq!(ask(&client, "/b/", &[]).await.text().await, "docs");
}

#[tokio::test]
async fn another_index_or_none() {
    let folder = folder();
    let client = Client::new(App::new(routes![..folder.directory().index("a.txt")]));
    assert_eq!(ask(&client, "/bare/", &[]).await.text().await, "a");
    assert_eq!(status(&client, "/bare", &[]).await, 308);
    assert_eq!(status(&client, "/docs/", &[]).await, 404);
    let client = Client::new(App::new(routes![..folder.directory().without_index()]));
    for target in ["/", "/docs", "/docs/"] {
        assert_eq!(status(&client, target, &[]).await, 404, "{target}");
    }
    assert_eq!(ask(&client, "/index.html", &[]).await.text().await, "top");
}

#[tokio::test]
async fn a_page_for_what_is_not_there() {
    let folder = folder();
    let client = Client::new(App::new(routes!["/app" => [..folder.directory().fallback("index.html")]]));
    for target in ["/app/users/7", "/app/users/", "/app/v1.2/users", "/app/bare/", "/app/bare"] {
        let reply = ask(&client, target, &[]).await;
        assert_eq!(reply.status(), 200, "{target}");
        assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(reply.text().await, "top");
    }
    // What is there is what it is.
    assert_eq!(ask(&client, "/app/plain", &[]).await.text().await, "a file");
    assert_eq!(ask(&client, "/app/docs/", &[]).await.text().await, "docs");
    assert_eq!(status(&client, "/app/docs", &[]).await, 308);
    // A missing script is not a page, and neither is a name that nobody may have.
    for target in ["/app/app.js", "/app/assets/app.js", "/app/.git/config", "/app/..%2Fa", "/app/a//b"] {
        assert_eq!(status(&client, target, &[]).await, 404, "{target}");
    }
    let client = Client::new(App::new(routes![..folder.directory().fallback("none.html")]));
    assert_eq!(status(&client, "/users", &[]).await, 404);
}

#[tokio::test]
async fn hidden_names() {
    let folder = Folder::new([
        (".env", b"secret"),
        (".git/config", b"secret"),
        ("a/.b", b"secret"),
        (".well-known/security.txt", b"contact"),
        (".well-known/.hidden", b"secret"),
        ("a/.well-known/x", b"secret"),
        ("..a", b"secret"),
    ]);
    let client = folder.client();
    let names = [
        "/.env",
        "/.git/config",
        "/%2Egit/config",
        "/a/.b",
        "/.well-known/.hidden",
        "/a/.well-known/x",
        "/..a",
    ];
    for name in names {
        assert_eq!(status(&client, &format!("/static{name}"), &[]).await, 404, "{name}");
    }
    let reply = ask(&client, "/static/.well-known/security.txt", &[]).await;
    assert_eq!(reply.text().await, "contact");
    let client = Client::new(App::new(routes!["/static" => [..folder.directory().hidden_files()]]));
    for name in names {
        assert_eq!(ask(&client, &format!("/static{name}"), &[]).await.text().await, "secret", "{name}");
    }
}
