//! `State<&String>` could be either.

use waypost::State;

#[derive(State)]
struct App {
    name: String,
    motto: String,
}

#[derive(State)]
enum Kind {
    One,
}

fn main() {
    let app = App { name: String::new(), motto: String::new() };
    let _ = (app.name, app.motto, Kind::One);
}
