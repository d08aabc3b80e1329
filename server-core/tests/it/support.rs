//! What the modules share: an app asked in one line, and waiting for what is to happen.

use std::time::Duration;

use serde_json::Value;
use waypost::Respond;
use waypost::http::Method;
use waypost::test::{Client, Reply};

/// Long enough for anything that is to happen, short enough to fail.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// What would otherwise be waited for in vain for ever, fails.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("in time")
}

/// Waits for what is about to happen.
pub(crate) async fn until(mut happened: impl FnMut() -> bool) {
    let wait = async {
        while !happened() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    soon(wait).await;
}

/// Status and text of the answer to a GET.
pub(crate) async fn get(app: impl Respond, target: &str) -> (u16, String) {
    seen(Client::new(app).get(target).send().await).await
}

/// Status and text of the answer to any method.
pub(crate) async fn ask(app: impl Respond, method: Method, target: &str) -> (u16, String) {
    seen(Client::new(app).request(method, target).send().await).await
}

/// The answer to a POST with a body of this media type.
pub(crate) async fn post(app: impl Respond, target: &str, content_type: &str, body: &str) -> Reply {
    Client::new(app).post(target).header("content-type", content_type).body(body.to_owned()).send().await
}

/// Status and text.
pub(crate) async fn seen(reply: Reply) -> (u16, String) {
    (reply.status().as_u16(), reply.text().await)
}

/// Status and text, as one writes them down.
pub(crate) fn says(status: u16, text: &str) -> (u16, String) {
    (status, text.to_owned())
}

/// The members of a comma-separated field, in alphabetical order.
pub(crate) fn members(reply: &Reply, field: &str) -> Vec<String> {
    let value = reply.header(field).unwrap_or_default();
    let mut members: Vec<_> = value.split(',').map(|member| member.trim().to_owned()).collect();
    members.sort_unstable();
    members
}

/// The problem document (RFC 9457) of an answer with this status.
#[track_caller]
pub(crate) fn problem(reply: Reply, status: u16) -> impl Future<Output = Value> {
    let caller = std::panic::Location::caller();
    async move {
        let found = reply.status();
        let content_type = reply.header("content-type").map(str::to_owned);
        let text = reply.text().await;
        assert_eq!(found, status, "at {caller}: {text}");
        assert_eq!(content_type.as_deref(), Some("application/problem+json"), "at {caller}");
        let problem: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(problem["status"], status, "at {caller}");
        assert!(problem["title"].as_str().is_some_and(|title| !title.is_empty()), "at {caller}: {problem}");
        problem
    }
}

/// The problem's one input error, as `(in, name or pointer)`.
#[track_caller]
pub(crate) fn fault(reply: Reply, status: u16) -> impl Future<Output = (String, Option<String>)> {
    let problem = problem(reply, status);
    async move {
        let problem = problem.await;
        let errors = problem["errors"].as_array().unwrap_or_else(|| panic!("no errors in {problem}"));
        assert_eq!(errors.len(), 1, "{problem}");
        let error = &errors[0];
        assert!(error["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{problem}");
        let part = error["in"].as_str().unwrap();
        let (place, other) = if part == "body" { ("pointer", "name") } else { ("name", "pointer") };
        assert!(error.get(other).is_none(), "{problem}");
        (part.to_owned(), error[place].as_str().map(str::to_owned))
    }
}

/// A fault's place, as one writes it down.
pub(crate) fn at(part: &str, place: &str) -> (String, Option<String>) {
    (part.to_owned(), Some(place.to_owned()))
}
