//! What the compiler says of each mistake: `ui/*.rs`, one a file, and beside it what is expected word for word.
//!
//! The words are those of one compiler, so another one fails here, saying so, and neither passes nor is skipped in
//! silence. There is no `rust-toolchain.toml`, since a machine whose `stable` is that very release would have to
//! download it once more.
//!
//! After a change on purpose: `TRYBUILD=overwrite cargo test -p waypost --test ui`, and read the difference. The first
//! line of each message has to name the mistake, and its place has to be in the fixture.
#![allow(clippy::unwrap_used)]

use std::process::Command;

/// The compiler the fixtures were written with.
const RUSTC: &str = "rustc 1.95.";

#[test]
fn mistakes() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = String::from_utf8(Command::new(rustc).arg("--version").output().unwrap().stdout).unwrap();
    assert!(
        version.starts_with(RUSTC),
        "the messages in tests/ui are those of {RUSTC}x, and this is {version}: run `cargo +1.95.0 test`, or move \
         them to this compiler: change `RUSTC` in tests/ui.rs, then `TRYBUILD=overwrite cargo test -p waypost --test ui`"
    );
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/*.rs");
}
