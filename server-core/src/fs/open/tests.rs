//! The way of other systems, on this one.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::os::unix::fs::symlink;

use super::{Entry, resolved};

#[test]
fn resolved_paths_stay_within() {
    let outer = std::env::temp_dir().join(format!("waypost-resolved-{}", std::process::id()));
    let root = outer.join("root");
    fs::create_dir_all(root.join("d")).unwrap();
    fs::create_dir_all(outer.join("root2")).unwrap();
    fs::write(root.join("d/a"), "inside").unwrap();
    fs::write(outer.join("root2/a"), "outside").unwrap();
    symlink("d/a", root.join("in")).unwrap();
    symlink("..", root.join("d/top")).unwrap();
    symlink("../root2", root.join("out")).unwrap();
    symlink(outer.join("root2/a"), root.join("absolute")).unwrap();
    symlink("loop", root.join("loop")).unwrap();
    let entry = |name, follow| match resolved::entry(&root, name, follow) {
        Ok(Entry::File(..)) => "file",
        Ok(Entry::Folder) => "folder",
        Ok(Entry::Nothing) => "nothing",
        Err(_) => "error",
    };
    for (name, expected, followed) in [
        ("d/a", "file", "file"),
        ("d", "folder", "folder"),
        ("in", "file", "file"),
        ("d/top/in", "file", "file"),
        ("out", "nothing", "folder"),
        ("out/a", "nothing", "file"),
        ("absolute", "nothing", "file"),
        ("../root2/a", "nothing", "file"),
        ("d/top/out/a", "nothing", "file"),
        ("loop", "error", "error"),
        ("none", "error", "error"),
        ("/dev/null", "nothing", "nothing"),
    ] {
        assert_eq!((entry(name, false), entry(name, true)), (expected, followed), "{name}");
    }
    fs::remove_dir_all(outer).unwrap();
}
