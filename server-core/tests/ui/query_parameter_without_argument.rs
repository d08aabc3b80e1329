//! Nothing takes `{page}`.

use waypost::get;

#[get("/users?{page}&{tag}")]
async fn list(tag: Vec<&str>) -> String {
    format!("{tag:?}")
}

fn main() {
    let _ = list {};
}
