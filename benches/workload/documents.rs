//! JSON documents of any size, as an application would have them: an article and its comments.
#![allow(unreachable_pub, reason = "a program has this file to itself")]

use serde::{Deserialize, Serialize};

/// `T` is what its texts are: `String`, or `&str` where they stay in the body.
#[derive(Deserialize, Serialize)]
pub struct Document<T> {
    pub id: u32,
    pub author: T,
    pub title: T,
    pub comments: Vec<Comment<T>>,
}

#[derive(Deserialize, Serialize)]
pub struct Comment<T> {
    pub id: u64,
    pub user: T,
    pub email: T,
    pub text: T,
    pub score: f64,
    pub spam: bool,
}

impl<T: AsRef<str>> Document<T> {
    /// What has seen every value.
    pub fn summary(&self) -> String {
        let letters = |comment: &Comment<T>| {
            comment.user.as_ref().len() + comment.email.as_ref().len() + comment.text.as_ref().len()
        };
        let texts: usize = self.comments.iter().map(letters).sum();
        let letters = texts + self.author.as_ref().len() + self.title.as_ref().len();
        let spam = self.comments.iter().filter(|comment| comment.spam).count();
        let score: f64 = self.comments.iter().map(|comment| comment.score).sum();
        let ids = self.comments.iter().fold(u64::from(self.id), |ids, comment| ids ^ comment.id);
        format!("{letters} {spam} {score:.1} {ids}")
    }
}

const TEXTS: [&str; 4] = [
    "Thanks, this is what I was looking for.",
    "It does not work for me: the second step fails, and I do not see why.",
    "+1",
    "See the chapter on ownership, which says more about it than any comment could.",
];

/// A document of exactly so many bytes, 160 at the least, without escapes.
pub fn document(bytes: usize) -> String {
    let mut document = Document {
        id: 42,
        author: "Ada Lovelace".to_owned(),
        title: "Notes on the Analytical Engine".to_owned(),
        comments: Vec::new(),
    };
    let length = |document: &Document<String>| written(document).len();
    let mut room = bytes - length(&document);
    for n in 0.. {
        let comment = Comment {
            id: 1_000_003 * (n + 1),
            user: format!("reader{n}"),
            email: format!("reader{n}@example.org"),
            text: TEXTS[n as usize % TEXTS.len()].to_owned(),
            score: 0.25 * (n % 21) as f64 + 0.5,
            spam: n % 9 == 4,
        };
        let size = written(&comment).len() + 1;
        if size > room {
            break;
        }
        room -= size;
        document.comments.push(comment);
    }
    // The first comment had no comma.
    let room = bytes - length(&document);
    document.title.extend(std::iter::repeat_n('.', room));
    written(&document)
}

fn written(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("texts and numbers serialize")
}
