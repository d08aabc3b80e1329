//! Files from a folder (feature `fs`).
//!
//! [`Directory`] is a set of routes, to be listed where the folder is to appear; what is beside it in the list wins over it:
//!
//! ```
//! use waypost::fs::Directory;
//! use waypost::{App, get, routes, test::Client};
//!
//! #[get("/api/hello")]
//! async fn hello() -> &'static str {
//!     "hello"
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let app = App::new(routes![
//!     hello,
//!     "/static" => [..Directory::new("src").precompressed().cache_control("max-age=3600")],
//! ]);
//! let client = Client::new(app);
//! let whole = client.get("/static/lib.rs").send().await;
//! let part = client.get("/static/lib.rs").header("range", "bytes=0-2").send().await;
//! assert_eq!(part.status(), 206);
//! assert_eq!(part.header("etag"), whole.header("etag"));
//! assert_eq!(part.text().await, "#![");
//! # }
//! ```
//!
//! A handler of your own answers with one file by [`Directory::serve`]: after it has looked who is asking, say.
//!
//! # What is answered
//!
//! | asked for | answer |
//! |---|---|
//! | a file | 200 with the file |
//! | a folder with a slash at its end | its [index](Directory::index), else 404 |
//! | a folder with an index, without the slash | 308 to the name with the slash; the query is kept |
//! | nothing that is there | 404, or the [fallback](Directory::fallback) |
//! | a file that this process may not read | 403 |
//! | anything, while the folder itself is missing | 500 |
//! | another method than `GET`, `HEAD`, `OPTIONS` | 405 |
//!
//! Names are percent-decoded once, segment by segment, and must be UTF-8. There is one name for a file: `//`, `.` and `..`
//! are not resolved but not found, escaped or not. So are escaped slashes, backslashes, NUL, names that begin with a dot
//! (unless [asked for](Directory::hidden_files)), and on Windows the names of devices and streams.
//!
//! Pipes, sockets and devices are not found. A symbolic link may lead anywhere within the folder; one that leads out is
//! not found either, unless [asked for](Directory::follow_symlinks). Linux sees to it while it opens the file (`openat2`
//! with `RESOLVE_BENEATH`), whoever changes the folder just then; there a link with an absolute target counts as leading
//! out. On other systems, and where a sandbox forbids that call, the path is resolved and looked at before it is opened,
//! so do not let anybody make links there whom you do not trust. A file that has a second name by a hard link is a file.
//!
//! The media type goes by the name's extension, and is `application/octet-stream` for one that is not known. Text is
//! sent as UTF-8 (`charset=utf-8`).
//!
//! # Conditions
//!
//! `If-Match`, `If-Unmodified-Since`, `If-None-Match`, `If-Modified-Since` and `If-Range` are heeded as RFC 9110 section
//! 13 has it, in the order of its section 13.2.2.
//!
//! Entity tag and `Last-Modified` are made of what the file system tells, a file's size and time of modification, and not
//! of its content, which would have to be read. Two changes within one tick of the file system's clock that leave the size
//! as it was cannot be told apart. So for the first three seconds after a change the tag is weak and there is no
//! `Last-Modified`; afterwards the tag is strong: any other state of the file has another, as long as nobody sets the time
//! back by hand. Servers that have copies of the same files with the same times send the same tags. A file dated to the first
//! second of 1970, as reproducible packages date all of theirs, has neither tag nor date.
//!
//! # Ranges
//!
//! `Range` (RFC 9110 section 14) is heeded for `GET`: one range as such, up to 16 as `multipart/byteranges`, in the order
//! they were asked for. None within the file is a 416. What is malformed, more than 16, ranges that overlap, and several
//! of a compressed form are passed over, and the whole is sent: so no answer is larger than the file and the parts' heads.
//!
//! # How files are read
//!
//! From the disk, at each request: nothing is kept in memory in between, and a change is seen at once. Everything that
//! blocks runs on tokio's threads for blocking work: a file (or a range, or several) of up to 64 KiB costs one visit there,
//! which opens, judges and reads it. Of more, 64 KiB at a time are read, a piece when the one before it has been taken,
//! so that a slow client costs one piece and not a file. A file that becomes shorter while it is sent ends
//! the connection (in HTTP/2, the stream), since the promised length cannot be kept; one that grows is sent as long as it
//! was. Replace files by renaming, and both are out of the question.

mod answer;
mod conditions;
mod content;
mod directory;
mod find;
mod name;
mod open;
mod range;
mod validators;

pub use directory::Directory;
