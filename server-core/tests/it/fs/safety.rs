//! No path yields a byte of what lies outside the folder.

use std::cell::Cell;
use std::fs;

use proptest::prelude::*;
use proptest::sample::select;
use waypost::fs::Directory;
use waypost::test::Client;
use waypost::{App, Head, Response, Result, State, get, routes};

use super::{Folder, get as fetch};

const OUTSIDE: &[u8] = b"outside the folder";

#[get("/direct/{*path}")]
async fn direct(path: &str, State(directory): State<&Directory>, head: &Head) -> Result<Response> {
    directory.serve(path, head).await
}

/// A folder with neighbours, whose names begin as its own does, and links in all directions.
fn folder() -> Folder {
    let folder = Folder::new([
        ("a", b"inside"),
        ("d/a", b"inside"),
        ("d/d/a", b"inside"),
        ("d/index.html", b"inside"),
    ]);
    for name in
        ["../secret", "../a", "../index.html", "../root2/a", "../root2/index.html", "../d/a", "../.hidden"]
    {
        folder.write(name, OUTSIDE);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;

        let link = |to: &str, name: &str| symlink(to, folder.root.join(name)).unwrap();
        link("..", "up");
        link("../secret", "out");
        link("../root2", "other");
        link("../../secret", "d/out");
        link("..", "d/top");
        link("../..", "d/up");
        link("../../../root2", "d/d/other");
        link("d/d/..", "round");
        link("out", "twice");
        link("self", "self");
        let absolute = folder.outer.join("secret");
        symlink(absolute, folder.root.join("absolute")).unwrap();
        symlink("/", folder.root.join("slash")).unwrap();
    }
    folder
}

fn any_path(outer: &str) -> impl Strategy<Value = String> {
    let names = vec![
        "a",
        "d",
        "d",
        "secret",
        "index.html",
        "root2",
        "root",
        ".hidden",
        "up",
        "out",
        "other",
        "top",
        "round",
        "twice",
        "self",
        "absolute",
        "slash",
        ".",
        "..",
        "%2e%2e",
        "",
        outer,
    ];
    let odd = vec![
        "%2E.", ".%2e", "%2f", "%2F", "%5c", "%5C", "\\", "%00", "%", "%ff", "%c0%ae", "%252e", "//", "~",
        " ", "C:", "...", "ü", "/", "/", "/..", "../",
    ];
    let own = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let mut odd = own(odd);
    odd.extend([outer.replace('/', "%2F"), "x".repeat(300)]);
    // Mostly names that are there, in an order in which they may be.
    let there = select(own(vec!["d", "d", "top", "top", "round", "up", "other"]));
    let last = select(own(vec!["a", "a", "secret", "index.html", "out", ""]));
    let segment = prop_oneof![4 => there, 1 => select(own(names.clone()))];
    let segments = (prop::collection::vec(segment, 0..6), last).prop_map(|(mut segments, last)| {
        segments.push(last);
        segments.join("/")
    });
    let pieces = prop_oneof![select(own(names)), select(odd)];
    let pieces = prop::collection::vec(pieces, 0..10).prop_map(|pieces| pieces.concat());
    prop_oneof![3 => segments, 1 => pieces]
}

/// Asks for a path in every way there is.
async fn yields(directory: &Directory, path: &str, seen: &[Cell<u32>; 2]) -> bool {
    let app = App::new(routes![direct, "/in" => [..directory.clone()], ..directory.clone()]);
    let client = Client::new(app.state(directory.clone()));
    let escaped: String = path.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let plain: String = path
        .chars()
        .map(|c| if c.is_ascii_graphic() && c != '\\' { c.to_string() } else { "%20".to_owned() })
        .collect();
    let mut outside = false;
    for target in [
        format!("/{plain}"),
        format!("/in/{plain}"),
        format!("/direct/{plain}"),
        format!("/direct/{escaped}"),
    ] {
        let reply = fetch(&client, &target, &[("accept-encoding", "gzip")]).await;
        let status = reply.status().as_u16();
        let body = reply.bytes().await;
        match status {
            200 if body == OUTSIDE => outside = true,
            200 => {
                assert_eq!(body, &b"inside"[..], "{target}");
                seen[0].update(|count| count + 1);
            }
            308 => {}
            // 400 is the handler's argument, which is to be UTF-8.
            400 | 404 => seen[1].update(|count| count + 1),
            other => panic!("{other}: {target}"),
        }
    }
    outside
}

#[test]
fn nothing_outside_the_folder() {
    let folder = folder();
    let outer = folder.outer.to_str().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let directories = [
        folder.directory(),
        folder.directory().hidden_files().precompressed().index("a"),
        Directory::new(folder.root.join("d/..")).fallback("../secret"),
    ];
    let seen = <[Cell<u32>; 2]>::default();
    proptest!(ProptestConfig::with_cases(1500), |(path in any_path(outer))| {
        for directory in &directories {
            prop_assert!(!runtime.block_on(yields(directory, &path, &seen)), "{}", path);
        }
    });
    assert!(seen.iter().all(|count| count.get() > 1000), "both kinds of answer were met: {seen:?}");
}

/// The test above can fail: with links followed, some of its paths lead out.
#[cfg(unix)]
#[test]
fn what_it_would_be_otherwise() {
    let folder = folder();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let directory = folder.directory().follow_symlinks();
    for path in ["out", "up/secret", "d/up/secret", "other/a", "absolute", "twice", "d/d/other/a"] {
        assert!(runtime.block_on(yields(&directory, path, &Default::default())), "{path}");
        assert!(!runtime.block_on(yields(&folder.directory(), path, &Default::default())), "{path}");
    }
    // Not by its name, though: a name never has two dots.
    assert!(!runtime.block_on(yields(&directory, "../secret", &Default::default())));
    assert!(fs::read(folder.root.join("../secret")).is_ok());
}
