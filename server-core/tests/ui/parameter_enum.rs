//! Variants stand for words.

use waypost::FromParam;

#[derive(FromParam)]
enum Sort {
    New,
    #[param(rename = "New")]
    Latest,
    By(u64),
}

#[derive(FromParam)]
#[param(rename_all = "Kebab")]
enum Order {
    Up,
}

#[derive(FromParam)]
struct Point(u64, u64);

fn main() {}
