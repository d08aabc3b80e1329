//! Compressed forms that lie beside a file.

use waypost::test::Client;
use waypost::{App, Respond, routes};

use super::{Folder, get, modify, status};

fn folder() -> Folder {
    Folder::new([
        ("app.js", b"plain"),
        ("app.js.br", b"br!"),
        ("app.js.zst", b"zstd!!"),
        ("app.js.gz", b"gzip!!!"),
        ("only.css", b"plain"),
        ("only.css.gz", b"gzip!!!"),
        ("orphan.js.gz", b"gzip!!!"),
        ("trap.js", b"plain"),
        ("trap.js.br/x", b""),
    ])
}

fn client(folder: &Folder) -> Client<impl Respond> {
    Client::new(App::new(routes![..folder.directory().precompressed()]))
}

#[tokio::test]
async fn the_best_that_the_client_takes() {
    let folder = folder();
    let client = client(&folder);
    for (accepted, coding) in [
        ("br", Some("br")),
        ("gzip, deflate, br, zstd", Some("br")),
        ("gzip, deflate, zstd", Some("zstd")),
        ("GZip", Some("gzip")),
        ("x-gzip", Some("gzip")),
        ("br;q=0.5, gzip;q=0.8", Some("gzip")),
        ("br;q=0.5 ,\tgzip ; q=0.500", Some("br")),
        ("br;q=0, gzip;q=0.001", Some("gzip")),
        ("*", Some("br")),
        ("*;q=0.1, br;q=0", Some("zstd")),
        ("identity, gzip;q=0.5", None),
        ("identity;q=0.5, gzip;q=0.5", Some("gzip")),
        ("identity;q=0, gzip", Some("gzip")),
        ("identity;q=0", None),
        ("gzip;q=0", None),
        ("*;q=0", None),
        ("", None),
        ("deflate, compress", None),
        ("br;q=2", None),
        ("br;q=0.1234", None),
        ("br;level=3", None),
        ("br;q=", None),
        ("brotli", None),
        (",,, gzip", Some("gzip")),
    ] {
        let reply = get(&client, "/app.js", &[("accept-encoding", accepted)]).await;
        assert_eq!(reply.status(), 200);
        assert_eq!(reply.header("content-encoding"), coding, "{accepted}");
        assert_eq!(reply.header("content-type"), Some("text/javascript; charset=utf-8"));
        assert_eq!(reply.header("vary"), Some("accept-encoding"));
        let text = reply.text().await;
        assert_eq!(text.trim_end_matches('!'), coding.unwrap_or("plain"), "{accepted}");
    }
    let reply = get(&client, "/app.js", &[]).await;
    assert_eq!((reply.header("content-encoding"), reply.header("vary")), (None, Some("accept-encoding")));
    let lines = [("accept-encoding", "deflate"), ("accept-encoding", "gzip")];
    assert_eq!(get(&client, "/app.js", &lines).await.header("content-encoding"), Some("gzip"));
}

#[tokio::test]
async fn only_forms_that_are_there() {
    let folder = folder();
    let client = client(&folder);
    let all = [("accept-encoding", "br, zstd, gzip")];
    assert_eq!(get(&client, "/only.css", &all).await.header("content-encoding"), Some("gzip"));
    assert_eq!(get(&client, "/trap.js", &all).await.header("content-encoding"), None);
    assert_eq!(status(&client, "/orphan.js", &all).await, 404);
    // By its own name it is a file like any other.
    let reply = get(&client, "/app.js.gz", &all).await;
    assert_eq!(reply.header("content-type"), Some("application/gzip"));
    assert_eq!(reply.header("content-encoding"), None);
}

#[tokio::test]
async fn not_unless_asked_for() {
    let folder = folder();
    let reply = get(&folder.client(), "/static/app.js", &[("accept-encoding", "br")]).await;
    assert_eq!((reply.header("content-encoding"), reply.header("vary")), (None, None));
}

/// RFC 9110 section 8.8.3.3: each form is a representation of its own.
#[tokio::test]
async fn each_form_has_its_tag_and_its_ranges() {
    let folder = Folder::new([("a.js", b"12345"), ("a.js.br", b"abcde")]);
    let client = client(&folder);
    let br = ("accept-encoding", "br");
    let plain = get(&client, "/a.js", &[]).await.header("etag").unwrap().to_owned();
    let small = get(&client, "/a.js", &[br]).await.header("etag").unwrap().to_owned();
    assert_ne!(plain, small, "of the same size and age");
    assert_eq!(status(&client, "/a.js", &[br, ("if-none-match", &plain)]).await, 200);
    let reply = get(&client, "/a.js", &[br, ("if-none-match", &small)]).await;
    assert_eq!((reply.status().as_u16(), reply.header("vary")), (304, Some("accept-encoding")));
    let reply = get(&client, "/a.js", &[br, ("range", "bytes=1-2"), ("if-range", &small)]).await;
    assert_eq!(reply.status(), 206);
    assert_eq!(reply.header("content-encoding"), Some("br"));
    assert_eq!(reply.text().await, "bc");
    let reply = get(&client, "/a.js", &[br, ("range", "bytes=1-2"), ("if-range", &plain)]).await;
    assert_eq!((reply.status().as_u16(), reply.text().await.as_str()), (200, "abcde"));
    // Several parts of it would be a multipart that is not compressed.
    let reply = get(&client, "/a.js", &[br, ("range", "bytes=0-0,2-2")]).await;
    assert_eq!((reply.status().as_u16(), reply.text().await.as_str()), (200, "abcde"));
    // The form's own age counts.
    modify(&folder.root.join("a.js.br"), std::time::SystemTime::UNIX_EPOCH + super::THEN * 2);
    assert_ne!(get(&client, "/a.js", &[br]).await.header("etag"), Some(&*small));
}

#[tokio::test]
async fn an_index_has_forms_too() {
    let folder = Folder::new([("index.html", b"plain"), ("index.html.gz", b"gzip")]);
    let directory = folder.directory().precompressed().fallback("index.html");
    let client = Client::new(App::new(routes![..directory]));
    for target in ["/", "/some/page"] {
        let reply = get(&client, target, &[("accept-encoding", "gzip")]).await;
        assert_eq!(reply.header("content-encoding"), Some("gzip"));
        assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
    }
}
