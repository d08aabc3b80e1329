//! What the routes take and give. The programs of `peers/` and `small/` have this file, too.
#![allow(dead_code)]

use serde::{Deserialize, Serialize};

#[derive(Serialize)]
pub struct User<'a> {
    pub id: u32,
    pub name: &'a str,
    pub email: &'a str,
}

pub const USER: User<'static> = User { id: 7, name: "Ada Lovelace", email: "ada@example.org" };

/// What is answered where there is nothing.
pub const LOST: &str = "there is nothing here";

#[derive(Deserialize)]
pub struct Order {
    pub lines: Vec<Line>,
}

#[derive(Deserialize)]
pub struct Line {
    pub name: String,
    pub count: u32,
    pub price: f64,
}

impl Order {
    pub fn total(&self) -> String {
        let total: f64 = self.lines.iter().map(|line| f64::from(line.count) * line.price).sum();
        let letters: usize = self.lines.iter().map(|line| line.name.len()).sum();
        format!("{total:.2} {letters}")
    }
}

#[derive(Deserialize)]
pub struct Search {
    pub q: String,
    pub page: Option<u32>,
}

impl Search {
    pub fn text(&self) -> String {
        format!("page {} of {}", self.page.unwrap_or(1), self.q)
    }
}
