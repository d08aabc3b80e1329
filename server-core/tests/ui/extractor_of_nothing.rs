//! An extractor returns something, by a name that is one's own.

use waypost::extractor;

#[extractor]
fn nothing() {}

#[extractor]
fn several() -> (u8, u8) {
    (1, 2)
}

fn main() {}
