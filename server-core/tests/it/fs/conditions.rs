//! Conditional requests (RFC 9110 section 13).

use std::time::{Duration, SystemTime};

use waypost::http::Method;
use waypost::test::Client;
use waypost::{App, Respond, routes};

use super::{Folder, THEN, THEN_TEXT, ask, get, modify, status};

const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

async fn setup() -> (Folder, Client<impl Respond>, String) {
    let folder = Folder::new([("a.txt", b"hello")]);
    let client = folder.client();
    let tag = get(&client, "/static/a.txt", &[]).await.header("etag").unwrap().to_owned();
    assert!(!tag.starts_with("W/"), "strong, as the file has lain still");
    (folder, client, tag)
}

#[tokio::test]
async fn if_none_match() {
    let (_folder, client, tag) = setup().await;
    for (value, expected) in [
        (tag.clone(), 304),
        (format!("W/{tag}"), 304),
        (format!("\"x\", {tag}"), 304),
        (format!("\"x\",W/{tag} , \"y\""), 304),
        (format!("\"a,b\" ,, {tag}"), 304),
        ("*".to_owned(), 304),
        (" * ".to_owned(), 304),
        ("\"x\"".to_owned(), 200),
        ("\"\"".to_owned(), 200),
        (String::new(), 200),
        (tag.trim_matches('"').to_owned(), 200),
        (tag.trim_end_matches('"').to_owned(), 200),
        (format!("w/{tag}"), 200),
        (format!("\"x\" {tag}"), 200),
        (format!("\"x\", *, {tag}"), 200),
        (tag.to_uppercase(), if tag == tag.to_uppercase() { 304 } else { 200 }),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let reply = ask(&client, method, "/static/a.txt", &[("if-none-match", &value)]).await;
            assert_eq!(reply.status(), expected, "{value}");
        }
    }
    let lines = [("if-none-match", "\"x\""), ("if-none-match", &*tag)];
    assert_eq!(status(&client, "/static/a.txt", &lines).await, 304);
    // There is nothing that it could be true of.
    assert_eq!(status(&client, "/static/none.txt", &[("if-none-match", "*")]).await, 404);
}

/// RFC 9110 section 15.4.5: what a cache needs, and nothing of the content.
#[tokio::test]
async fn not_modified_has_few_fields() {
    let (_folder, client, tag) = setup().await;
    for method in [Method::GET, Method::HEAD] {
        let reply = ask(&client, method, "/static/a.txt", &[("if-none-match", &tag)]).await;
        let names: Vec<_> = reply.headers().keys().map(|name| name.as_str()).collect();
        assert_eq!(names, ["etag"]);
        assert_eq!(reply.header("etag"), Some(&*tag));
        assert!(reply.bytes().await.is_empty());
    }
}

#[tokio::test]
async fn if_match_compares_strongly() {
    let (_folder, client, tag) = setup().await;
    for (value, expected) in [
        (tag.clone(), 200),
        (format!("\"x\", {tag}"), 200),
        ("*".to_owned(), 200),
        (format!("W/{tag}"), 412),
        ("\"x\"".to_owned(), 412),
        ("nonsense".to_owned(), 412),
    ] {
        assert_eq!(status(&client, "/static/a.txt", &[("if-match", &value)]).await, expected, "{value}");
    }
}

#[tokio::test]
async fn dates() {
    let (_folder, client, _) = setup().await;
    for (value, since, unmodified) in [
        (THEN_TEXT, 304, 200),
        (AFTER, 304, 200),
        (BEFORE, 200, 412),
        // The obsolete forms (RFC 9110 section 5.6.7).
        ("Sunday, 06-Nov-94 08:49:37 GMT", 304, 200),
        ("Sun Nov  6 08:49:37 1994", 304, 200),
        ("yesterday", 200, 200),
        ("", 200, 200),
        ("Sun, 06 Nov 1994 08:49:38 GMT, Sun, 06 Nov 1994 08:49:38 GMT", 200, 200),
    ] {
        let fields = [("if-modified-since", value)];
        assert_eq!(status(&client, "/static/a.txt", &fields).await, since, "{value}");
        let fields = [("if-unmodified-since", value)];
        assert_eq!(status(&client, "/static/a.txt", &fields).await, unmodified, "{value}");
    }
}

/// RFC 9110 section 13.2.2, step by step.
#[tokio::test]
async fn precedence() {
    let (_folder, client, tag) = setup().await;
    let tag = &*tag;
    let range = ("range", "bytes=1-2");
    for (fields, expected) in [
        // A tag speaks, and the date beside it is not heard.
        (&[("if-match", tag), ("if-unmodified-since", BEFORE)][..], 200),
        (&[("if-match", "\"x\""), ("if-unmodified-since", AFTER)], 412),
        (&[("if-none-match", "\"x\""), ("if-modified-since", AFTER)], 200),
        (&[("if-none-match", tag), ("if-modified-since", BEFORE)], 304),
        // What must be true comes before what spares the content.
        (&[("if-match", "\"x\""), ("if-none-match", tag)], 412),
        (&[("if-match", tag), ("if-none-match", tag)], 304),
        (&[("if-unmodified-since", BEFORE), ("if-none-match", tag)], 412),
        (&[("if-unmodified-since", AFTER), ("if-modified-since", AFTER)], 304),
        // Ranges come last.
        (&[("if-none-match", tag), range], 304),
        (&[("if-match", "\"x\""), range], 412),
        (&[("if-match", "\"x\""), ("range", "bytes=9-")], 412),
        (&[("if-none-match", tag), ("range", "bytes=9-")], 304),
        (&[("if-match", tag), ("if-none-match", "\"x\""), range], 206),
        (&[("if-none-match", tag), range, ("if-range", "\"x\"")], 304),
    ] {
        assert_eq!(status(&client, "/static/a.txt", fields).await, expected, "{fields:?}");
    }
}

#[tokio::test]
async fn if_range() {
    let (_folder, client, tag) = setup().await;
    for (value, expected) in [
        (tag.clone(), 206),
        (format!("W/{tag}"), 200),
        ("\"x\"".to_owned(), 200),
        (format!("{tag}, \"x\""), 200),
        (tag.trim_matches('"').to_owned(), 200),
        ("*".to_owned(), 200),
        (THEN_TEXT.to_owned(), 206),
        // Only the very date: another state of the file has another.
        (BEFORE.to_owned(), 200),
        (AFTER.to_owned(), 200),
        ("yesterday".to_owned(), 200),
    ] {
        let fields = [("range", "bytes=1-2"), ("if-range", &*value)];
        let reply = get(&client, "/static/a.txt", &fields).await;
        assert_eq!(reply.status(), expected, "{value}");
        assert_eq!(reply.text().await, if expected == 206 { "el" } else { "hello" });
        // Were it for the same, it could not be satisfied; of another, it is not looked at.
        let fields = [("range", "bytes=7-"), ("if-range", &*value)];
        let expected = if expected == 206 { 416 } else { 200 };
        assert_eq!(status(&client, "/static/a.txt", &fields).await, expected, "{value}");
    }
    assert_eq!(status(&client, "/static/a.txt", &[("if-range", "\"x\"")]).await, 200);
}

/// A file that was just written may be written again with nothing to tell it by.
#[tokio::test]
async fn a_fresh_file_has_a_weak_tag_and_no_date() {
    let folder = Folder::new([]);
    // Not a moment that passes while the test runs.
    let path = folder.fresh("a.txt", b"hello");
    modify(&path, SystemTime::now() + Duration::from_secs(3600));
    let client = folder.client();
    let reply = get(&client, "/static/a.txt", &[]).await;
    let tag = reply.header("etag").unwrap().to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    assert_eq!(reply.header("last-modified"), None, "not a date that is still to come");
    assert_eq!(status(&client, "/static/a.txt", &[("if-none-match", &tag)]).await, 304);
    assert_eq!(status(&client, "/static/a.txt", &[("if-match", &tag)]).await, 412);
    let strong = tag.trim_start_matches("W/");
    for tag in [&*tag, strong] {
        let fields = [("range", "bytes=1-2"), ("if-range", tag)];
        assert_eq!(status(&client, "/static/a.txt", &fields).await, 200);
    }
    // It was modified after all these dates.
    assert_eq!(status(&client, "/static/a.txt", &[("if-unmodified-since", AFTER)]).await, 412);
    assert_eq!(status(&client, "/static/a.txt", &[("if-modified-since", AFTER)]).await, 200);
    // When it has lain still, caches may keep what they have.
    modify(&path, SystemTime::UNIX_EPOCH + THEN);
    let reply = get(&client, "/static/a.txt", &[]).await;
    assert!(reply.header("etag").is_some_and(|tag| tag.starts_with('"')));
}

#[tokio::test]
async fn tags_tell_sizes_and_times_apart() {
    let folder = Folder::new([("a.txt", b"hello"), ("b.txt", b"hello!"), ("c.txt", b"hallo")]);
    let path = folder.root.join("c.txt");
    modify(&path, SystemTime::UNIX_EPOCH + THEN + Duration::from_nanos(1_000_000));
    let client = folder.client();
    let mut tags = Vec::new();
    for name in ["a", "b", "c"] {
        tags.push(get(&client, &format!("/static/{name}.txt"), &[]).await.header("etag").unwrap().to_owned());
    }
    tags.dedup();
    tags.sort_unstable();
    tags.dedup();
    assert_eq!(tags.len(), 3, "{tags:?}");
}

/// As in stores of packages that are built reproducibly: the date says nothing, so nothing is said.
#[tokio::test]
async fn the_beginning_of_time_is_no_date() {
    let folder = Folder::new([("a.txt", b"hello")]);
    let client = folder.client();
    for seconds in [0, 1] {
        modify(&folder.root.join("a.txt"), SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        let reply = get(&client, "/static/a.txt", &[]).await;
        assert_eq!((reply.status().as_u16(), reply.header("etag")), (200, None));
        assert_eq!(reply.header("last-modified"), None);
        let fields = [("if-modified-since", THEN_TEXT), ("range", "bytes=1-2")];
        assert_eq!(get(&client, "/static/a.txt", &fields).await.text().await, "el");
        assert_eq!(status(&client, "/static/a.txt", &[("if-match", "*")]).await, 200);
        assert_eq!(status(&client, "/static/a.txt", &[("if-match", "\"x\"")]).await, 412);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn dates_that_http_cannot_say() {
    let folder = Folder::new([("a.txt", b"hello")]);
    let client = folder.client();
    let year = Duration::from_secs(366 * 24 * 3600);
    let mut times = vec![SystemTime::UNIX_EPOCH - year, SystemTime::UNIX_EPOCH - Duration::from_nanos(1)];
    times.extend(SystemTime::UNIX_EPOCH.checked_add(year * 400));
    for time in times {
        modify(&folder.root.join("a.txt"), time);
        let reply = get(&client, "/static/a.txt", &[("if-modified-since", THEN_TEXT)]).await;
        assert_eq!((reply.status().as_u16(), reply.header("last-modified")), (200, None));
    }
}

#[tokio::test]
async fn a_fallback_page_is_conditional_too() {
    let folder = Folder::new([("index.html", b"page")]);
    let client = Client::new(App::new(routes![..folder.directory().fallback("index.html")]));
    let tag = get(&client, "/a/b", &[]).await.header("etag").unwrap().to_owned();
    assert_eq!(status(&client, "/c", &[("if-none-match", &tag)]).await, 304);
}
