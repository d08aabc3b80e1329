//! Nothing takes `{id}`: the header's extractor might have, and does not.

use waypost::{Header, UserAgent, get};

#[get("/users/{id}")]
async fn show(agent: Header<UserAgent<'_>>) -> String {
    agent.0.0.to_owned()
}

fn main() {
    let _ = show;
}
