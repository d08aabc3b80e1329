//! An application whose tests need no socket: see the module at the end, which
//! `cargo test -p waypost-examples --example testing` runs.

use serde::{Deserialize, Serialize};
use waypost::{App, Json, Respond, get, post, routes};

#[derive(Deserialize, Serialize, Debug, PartialEq)]
struct Sum {
    terms: Vec<i64>,
}

#[post("/sum")]
async fn sum(Json(sum): Json<Sum>) -> String {
    sum.terms.iter().sum::<i64>().to_string()
}

#[get("/double/{number}")]
async fn double(number: i64) -> String {
    (number * 2).to_string()
}

/// The tests call the very value that is served.
fn app() -> impl Respond {
    App::new(routes![sum, double])
}

#[tokio::main]
async fn main() -> waypost::Result<()> {
    waypost_examples::bind().await?.serve(app()).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use waypost::test::Client;

    #[tokio::test]
    async fn sums() {
        let client = Client::new(app());
        let reply = client.post("/sum").json(&Sum { terms: vec![1, 2, 39] }).send().await;
        assert_eq!(reply.text().await, "42");
    }

    #[tokio::test]
    async fn handlers_are_plain_functions() {
        assert_eq!(double(21).await, "42");
        assert_eq!(double::uri(21), "/double/21");
    }

    #[tokio::test]
    async fn refuses_what_is_no_number() {
        assert_eq!(Client::new(app()).get("/double/x").send().await.status(), 400);
    }
}
