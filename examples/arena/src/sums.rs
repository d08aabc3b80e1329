//! The profiles baseline, short-lived, pipelined, baseline-h2 and baseline-h2c: small sums, as text.

use waypost::{Error, Result, Routes, get, post, routes};

use crate::state::AppState;

pub(crate) fn routes() -> impl Routes<AppState> {
    routes![of_query, of_query_and_body, of_query_in_h2, pipeline]
}

#[get("/baseline11?{a}&{b}")]
async fn of_query(a: i64, b: i64) -> Result<String> {
    sum(&[a, b])
}

/// The body is one more number; it comes with a length or in chunks, which is all the same here.
#[post("/baseline11?{a}&{b}")]
async fn of_query_and_body(a: i64, b: i64, body: &str) -> Result<String> {
    let c = body.trim().parse().map_err(|_| Error::bad_request("the body is not an integer"))?;
    sum(&[a, b, c])
}

#[get("/baseline2?{a}&{b}")]
async fn of_query_in_h2(a: i64, b: i64) -> Result<String> {
    sum(&[a, b])
}

#[get("/pipeline")]
async fn pipeline() -> &'static str {
    "ok"
}

fn sum(terms: &[i64]) -> Result<String> {
    let sum = terms.iter().try_fold(0_i64, |sum, term| sum.checked_add(*term));
    Ok(sum.ok_or_else(|| Error::bad_request("the sum is too large"))?.to_string())
}
