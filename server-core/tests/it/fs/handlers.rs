//! One file, answered by a handler of one's own.

use waypost::fs::Directory;
use waypost::http::Method;
use waypost::test::Client;
use waypost::{App, Head, IntoResponse, Response, Result, State, get, post, routes};

use super::{Folder, ask, get as fetch, status};

#[get("/files/{*path}")]
async fn file(path: &str, State(directory): State<&Directory>, head: &Head) -> Result<impl IntoResponse> {
    let response = directory.serve(path, head).await?;
    Ok(([("content-disposition", "attachment")], response))
}

#[post("/report")]
async fn report(State(directory): State<&Directory>, head: &Head) -> Result<Response> {
    directory.serve("a.txt", head).await
}

#[get("/top")]
async fn top(State(directory): State<&Directory>, head: &Head) -> Result<Response> {
    directory.serve("", head).await
}

#[tokio::test]
async fn by_the_rules_of_the_folder() {
    let folder = Folder::new([("a.txt", b"hello"), ("d/index.html", b"index"), ("grüße & co.txt", b"hi")]);
    folder.write("../secret.txt", b"secret");
    let client = Client::new(App::new(routes![file, report, top]).state(folder.directory()));
    let reply = fetch(&client, "/files/a.txt", &[("range", "bytes=-2")]).await;
    assert_eq!((reply.status().as_u16(), reply.header("content-range")), (206, Some("bytes 3-4/5")));
    assert_eq!(reply.header("content-disposition"), Some("attachment"));
    assert_eq!(reply.text().await, "lo");
    let tag = fetch(&client, "/files/a.txt", &[]).await.header("etag").unwrap().to_owned();
    assert_eq!(status(&client, "/files/a.txt", &[("if-none-match", &tag)]).await, 304);
    assert_eq!(status(&client, "/files/a.txt", &[("if-match", "\"x\"")]).await, 412);
    let reply = fetch(&client, "/files/a.txt", &[("range", "bytes=9-")]).await;
    assert_eq!((reply.status().as_u16(), reply.header("content-range")), (416, Some("bytes */5")));
    assert_eq!(fetch(&client, "/files/d/", &[]).await.text().await, "index");
    assert_eq!(fetch(&client, "/files/gr%C3%BC%C3%9Fe%20&%20co.txt", &[]).await.text().await, "hi");
    // Captures are decoded, and still lead nowhere else.
    for path in
        ["d", "none", "..%2Fsecret.txt", "d%2F..%2Fa.txt", "%2Fetc%2Fpasswd", "a.txt%00", ".env", "a.txt/"]
    {
        assert_eq!(status(&client, &format!("/files/{path}"), &[]).await, 404, "{path}");
    }
    // The decoded slash of a capture is one.
    assert_eq!(fetch(&client, "/files/d%2Findex.html", &[]).await.text().await, "index");
    let head = ask(&client, Method::HEAD, "/files/a.txt", &[]).await;
    assert_eq!(head.header("content-length"), Some("5"));
    assert_eq!(status(&client, "/top", &[]).await, 404);
}

/// Conditions and ranges have a meaning for GET.
#[tokio::test]
async fn another_method_gets_the_whole() {
    let folder = Folder::new([("a.txt", b"hello")]);
    let client = Client::new(App::new(routes![report]).state(folder.directory()));
    let fields = [("if-none-match", "*"), ("range", "bytes=0-0")];
    let reply = ask(&client, Method::POST, "/report", &fields).await;
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.text().await, "hello");
}
