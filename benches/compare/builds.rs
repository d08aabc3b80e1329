//! How long a program takes to build, and how large it gets: each server alone in a package of its own, with the same
//! versions and the same profile as where it is measured.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use crate::Failure;
use crate::contenders::{Contender, Places, cargo};
use crate::table::{Table, number};

/// What bare hyper, Waypost and axum need; their versions are the root's lock file's.
const COMMON: [&str; 2] = ["serde = { version = \"1\", features = [\"derive\"] }", "serde_json = \"1\""];
const TOKIO: &str =
    "tokio = { version = \"1\", default-features = false, features = [\"net\", \"rt\", \"time\"] }";
const OF_HYPER: [&str; 4] = [
    "bytes = \"1\"",
    "http-body-util = \"0.1\"",
    "hyper = { version = \"1\", features = [\"http1\", \"http2\", \"server\"] }",
    "hyper-util = { version = \"0.1\", default-features = false, features = [\"tokio\"] }",
];
const OF_AXUM: &str = "axum = { version = \"0.8\", default-features = false, \
    features = [\"http1\", \"http2\", \"matched-path\", \"original-uri\", \"query\", \"json\", \"tokio\"] }";

pub fn measure(places: &Places, contenders: &[&'static Contender]) -> Result<String, Failure> {
    let mut table = Table::new(&[
        "server",
        "crates",
        "release, s",
        "release, s of CPU",
        "dev, s",
        "dev, s of CPU",
        "dev after a change, s",
        "size, KiB",
        "stripped, KiB",
    ]);
    let mut done = Vec::new();
    for contender in contenders.iter().filter(|contender| contender.is_native()) {
        if !done.contains(&contender.library) {
            done.push(contender.library);
            table.row([contender.library.to_owned()].into_iter().chain(one(places, contender)?));
        }
    }
    Ok(format!("### Building each server alone\n\n{}", table.text()))
}

fn one(places: &Places, contender: &Contender) -> Result<Vec<String>, Failure> {
    let target = places.built.parent().ok_or("the target directory has no name")?;
    let folder = target.join("compare").join(contender.library);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("src"))?;
    let lock = match contender.is_peer() {
        true => from_peers(&places.peers(), contender, &folder)?,
        false => from_root(&places.root, contender.library, &folder)?,
    };
    std::fs::copy(lock, folder.join("Cargo.lock"))?;
    // So that nothing is fetched while the clock runs.
    crate::contenders::run(cargo().current_dir(&folder).arg("fetch"))?;

    eprintln!("building: {}", contender.library);
    let release = build(&folder, true)?;
    let program = folder.join("target/release/small");
    let (size, stripped) = (std::fs::metadata(&program)?.len(), stripped(&program, &folder));
    let dev = build(&folder, false)?;
    let source = std::fs::File::options().append(true).open(folder.join("src/main.rs"))?;
    source.set_modified(SystemTime::now())?;
    let changed = build(&folder, false)?;
    std::fs::remove_dir_all(&folder)?;
    let kibibytes = |bytes: u64| number(bytes as f64 / 1024.0);
    Ok(vec![
        release.crates.to_string(),
        number(release.wall.as_secs_f64()),
        number(release.cpu),
        number(dev.wall.as_secs_f64()),
        number(dev.cpu),
        number(changed.wall.as_secs_f64()),
        kibibytes(size),
        stripped.map_or("-".to_owned(), kibibytes),
    ])
}

struct Build {
    wall: Duration,
    cpu: f64,
    crates: usize,
}

fn build(folder: &Path, release: bool) -> Result<Build, Failure> {
    let mut command = cargo();
    command.current_dir(folder).args(["build", "--offline", "--color", "never", "--target-dir", "target"]);
    // As it is without being asked for anything.
    for variable in ["CARGO_INCREMENTAL", "CARGO_PROFILE_DEV_DEBUG", "CARGO_TERM_COLOR", "RUSTFLAGS"] {
        command.env_remove(variable);
    }
    if release {
        command.arg("--release");
    }
    let (start, before) = (Instant::now(), of_children()?);
    let output = command.stdin(Stdio::null()).output()?;
    let (wall, cpu) = (start.elapsed(), of_children()? - before);
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("{}: {text}", folder.display()).into());
    }
    let crates = text.lines().filter(|line| line.trim_start().starts_with("Compiling ")).count();
    Ok(Build { wall, cpu, crates })
}

/// Seconds of processor time of the processes that were started here and have ended, and of theirs.
fn of_children() -> Result<f64, Failure> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, rest) = stat.rsplit_once(')').ok_or("no times in /proc/self/stat")?;
    let times = rest.split_whitespace().skip(13).take(2).map(str::parse::<f64>);
    Ok(times.sum::<Result<f64, _>>()? / 100.0)
}

fn stripped(program: &Path, folder: &Path) -> Option<u64> {
    let smaller = folder.join("stripped");
    let status = Command::new("strip").arg("-o").arg(&smaller).arg(program).status().ok()?;
    if status.success() { Some(std::fs::metadata(smaller).ok()?.len()) } else { None }
}

/// A server of `benches/peers`: its source and those dependencies that the source names. Returns the lock file's place.
fn from_peers(peers: &Path, contender: &Contender, folder: &Path) -> Result<PathBuf, Failure> {
    let read = |name: &str| std::fs::read_to_string(peers.join(name));
    let sources = [
        (format!("servers/{}.rs", contender.key), "main.rs"),
        ("servers/common/mod.rs".to_owned(), "common/mod.rs"),
        ("servers/common/runtime.rs".to_owned(), "common/runtime.rs"),
    ];
    std::fs::create_dir_all(folder.join("src/common"))?;
    let mut text = String::new();
    for (from, to) in &sources {
        let source = read(from)?;
        if *to != "common/runtime.rs" || text.contains("mod runtime;") {
            text += &source;
        }
        std::fs::write(folder.join("src").join(to), source)?;
    }
    let manifest = read("Cargo.toml")?;
    let (_, rest) = manifest.split_once("[dependencies]\n").ok_or("benches/peers has no dependencies")?;
    let named = |line: &&str| {
        let name = line.split(' ').next().unwrap_or(line).replace('-', "_");
        line.contains(" = ") && text.contains(&format!("{name}::"))
    };
    manifest_of(folder, rest.split("\n\n").next().unwrap_or(rest).lines().filter(named))?;
    Ok(peers.join("Cargo.lock"))
}

/// A server of `serve`: its source, the documents that all of them share, and a program around it.
fn from_root(root: &Path, library: &str, folder: &Path) -> Result<PathBuf, Failure> {
    let servers = root.join("benches/servers");
    let shared = std::fs::read_to_string(servers.join("mod.rs"))?;
    let documents =
        shared.find("use serde::").map(|at| &shared[at..]).ok_or("no documents in servers/mod.rs")?;
    let (more, arguments) = match library {
        "hyper" => ("", ", false"),
        "axum" => ("", ", 0"),
        _ => ("mod many;", ""),
    };
    let main = format!(
        "#![allow(dead_code)]\n\nmod servers {{\n    pub mod {library};\n    {more}\n    pub type Served = Result<(), Box<dyn std::error::Error>>;\n\n\
         {documents}}}\n\nfn main() -> servers::Served {{\n    let listener = std::net::TcpListener::bind(\"127.0.0.1:0\")?;\n    \
         listener.set_nonblocking(true)?;\n    println!(\"{{}}\", listener.local_addr()?);\n    let runtime = \
         tokio::runtime::Builder::new_current_thread().enable_all().build()?;\n    \
         runtime.block_on(servers::{library}::serve(listener{arguments}))\n}}\n"
    );
    std::fs::write(folder.join("src/main.rs"), main)?;
    std::fs::create_dir_all(folder.join("src/servers"))?;
    for name in [library, "many"] {
        let file = format!("{name}.rs");
        std::fs::copy(servers.join(&file), folder.join("src/servers").join(&file))?;
    }
    let waypost = format!("waypost = {{ path = {:?} }}", root.join("server-core"));
    let own: &[&str] = match library {
        "hyper" => &OF_HYPER,
        "axum" => &[OF_AXUM],
        _ => &[&waypost],
    };
    manifest_of(folder, own.iter().copied().chain(COMMON).chain([TOKIO]))?;
    Ok(root.join("Cargo.lock"))
}

fn manifest_of<'a>(folder: &Path, dependencies: impl Iterator<Item = &'a str>) -> Result<(), Failure> {
    let dependencies: String = dependencies.map(|line| format!("{line}\n")).collect();
    let manifest = format!(
        "[package]\nname = \"small\"\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\n\n[workspace]\n\n\
         [dependencies]\n{dependencies}\n[profile.release]\nopt-level = 3\nlto = \"fat\"\ncodegen-units = 1\n\
         debug = \"line-tables-only\"\n"
    );
    Ok(std::fs::write(folder.join("Cargo.toml"), manifest)?)
}
