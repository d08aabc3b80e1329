//! static, static-h2.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::arena::Arena;
use crate::http2::Http2;

/// What the arena's clients say.
const ACCEPTED: &str = "br;q=1, gzip;q=0.8";

/// The twenty files, as they are on disk, without their compressed forms.
fn files() -> BTreeMap<String, Vec<u8>> {
    let directory = Path::new(crate::DATA).join("static");
    let all = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let all =
        all.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(path).unwrap()));
    all.collect()
}

fn is_form(name: &str) -> bool {
    name.ends_with(".br") || name.ends_with(".gz")
}

/// The type that a name's ending stands for, and whether the file has compressed forms.
fn kind(name: &str) -> (&'static str, bool) {
    match name.rsplit_once('.').unwrap().1 {
        "css" => ("text/css", true),
        "html" => ("text/html", true),
        "js" => ("text/javascript", true),
        "json" => ("application/json", true),
        "svg" => ("image/svg+xml", true),
        "webp" => ("image/webp", false),
        "woff2" => ("font/woff2", false),
        other => panic!("{other}"),
    }
}

#[test]
fn each_in_each_form() {
    let arena = Arena::start();
    let mut http = arena.connect();
    let files = files();
    let names: Vec<_> = files.keys().filter(|name| !is_form(name)).collect();
    assert_eq!(names.len(), 20);
    for name in names {
        let (media_type, has_forms) = kind(name);
        let forms = [("", None), ("identity", None), ("gzip", Some("gzip")), (ACCEPTED, Some("br"))];
        for (accepted, coding) in forms {
            let field =
                if accepted.is_empty() { String::new() } else { format!("accept-encoding: {accepted}\r\n") };
            let reply = http.get_with(&format!("/static/{name}"), &field);
            assert_eq!(reply.status, 200, "{name}");
            let sent = reply.field("content-type").unwrap();
            assert_eq!(sent.split(';').next(), Some(media_type), "{name}");
            let coding = coding.filter(|_| has_forms);
            assert_eq!(reply.field("content-encoding"), coding, "{name}");
            let ending = match coding {
                None => "",
                Some("gzip") => ".gz",
                Some(_) => ".br",
            };
            assert!(reply.body == files[&format!("{name}{ending}")], "{name} in {coding:?} is another file");
        }
    }
    assert_eq!(http.get("/static/missing.css").status, 404);
}

#[tokio::test]
async fn each_in_http2() {
    let arena = Arena::start();
    let mut http = Http2::tls(&arena).await;
    let files = files();
    for name in files.keys().filter(|name| !is_form(name)) {
        let reply = http.get_with(&format!("/static/{name}"), &[("accept-encoding", ACCEPTED)]).await;
        assert_eq!(reply.status, 200);
        let (media_type, has_forms) = kind(name);
        let field = |name: &str| reply.fields.get(name).map(|value| value.to_str().unwrap());
        assert_eq!(field("content-type").unwrap().split(';').next(), Some(media_type), "{name}");
        assert_eq!(field("content-encoding"), has_forms.then_some("br"), "{name}");
        let ending = if has_forms { ".br" } else { "" };
        assert!(reply.body == files[&format!("{name}{ending}")], "{name} is another file");
    }
}
