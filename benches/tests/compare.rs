//! That `compare` does what it says, with the shortest of runs and no peer.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::path::Path;
use std::process::Command;

fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

#[test]
fn a_second_of_load_becomes_a_table_and_a_picture() {
    if !cfg!(target_os = "linux") || !is_there("wrk") {
        eprintln!("skipped: this needs Linux and wrk (Debian: wrk)");
        return;
    }
    let servers = Path::new(env!("CARGO_BIN_EXE_serve")).parent().unwrap();
    let picture = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compare.svg");
    let output = Command::new(env!("CARGO_BIN_EXE_compare"))
        .args("--rounds 1 --seconds 1 --only waypost-core --workloads plaintext --no-counts".split(' '))
        .arg("--built")
        .arg(servers)
        .arg("--svg")
        .arg(&picture)
        .output()
        .unwrap();
    let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{text}{errors}");
    assert_eq!(text.matches("| Waypost, per core | ").count(), 2, "{text}");
    assert!(
        text.contains("### Plaintext, 64 connections") && text.contains("### Start and memory"),
        "{text}"
    );
    let picture = std::fs::read_to_string(picture).unwrap();
    assert!(picture.starts_with("<svg ") && picture.contains(">Waypost, per core</text>"), "{picture}");
}

/// Those that `--builds` measures: only what lies in the lock file, in a folder that the next run finds again.
#[test]
fn the_small_programs_compile() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("release");
    let output = Command::new(env!("CARGO_BIN_EXE_compare"))
        .args(["--check-builds", "--built"])
        .arg(target)
        .env("CARGO_NET_OFFLINE", "true")
        .output()
        .unwrap();
    let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{text}{errors}");
    assert_eq!(text, "hyper compiles\nwaypost compiles\naxum compiles\n");
}

/// Nothing is sent but what is counted: the column for memory under load is empty.
#[test]
fn without_load_there_is_none() {
    if !cfg!(target_os = "linux") {
        eprintln!("skipped: this needs Linux");
        return;
    }
    let servers = Path::new(env!("CARGO_BIN_EXE_serve")).parent().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_compare"))
        .args(["--no-load", "--no-counts", "--only", "waypost-core", "--built"])
        .arg(servers)
        .env("PATH", "")
        .output()
        .unwrap();
    let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{text}{errors}");
    let row = text.lines().find(|line| line.starts_with("| Waypost, per core |")).unwrap();
    let cells: Vec<&str> = row.split('|').map(str::trim).collect();
    assert!(cells.len() == 7 && cells[4] == "-" && cells[5].parse::<f64>().is_ok(), "{text}");
}

#[test]
fn what_it_cannot_do_it_says() {
    let refused = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_compare")).args(arguments).output().unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused(&["--only", "actix"]).contains("takes part with --peers"));
    assert!(refused(&["--rounds", "0"]).contains("at least 1"));
    assert!(refused(&["--check-builds", "--only", "warp"]).contains("takes part with --peers"));
    let nowhere = Command::new(env!("CARGO_BIN_EXE_compare")).env("PATH", "").output().unwrap();
    let complaint = String::from_utf8(nowhere.stderr).unwrap();
    assert!(complaint.contains("wrk, which is not on the PATH (Debian: wrk)"), "{complaint}");
}
