//! One mistake, one message: what takes a type whose attribute has a fault has nothing to complain of.

use waypost::{App, FromParam, State, extractor, get, routes};

struct Page(u32);

#[extractor(nmae = 1)]
fn page() -> Page {
    Page(1)
}

#[derive(State)]
struct Site {
    #[state(skpi)]
    name: String,
}

#[derive(FromParam)]
enum Sort {
    New,
    #[param(name = "old")]
    Old,
}

#[get("/sorted/{by}")]
async fn sorted(by: Sort, page: Page, State(name): State<&String>) -> String {
    let by = match by {
        Sort::New => "new",
        Sort::Old => "old",
    };
    format!("{by} {} {name}", page.0)
}

fn main() {
    let site = Site { name: page().0.to_string() };
    let _ = App::new(routes![sorted]).state(site);
}
