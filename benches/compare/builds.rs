//! How long a program takes to build, and how large it gets: each library alone in a package of its own, with the same
//! versions and the same profiles as where it is measured. Those of `small/` have the five routes and nothing else, those of
//! `peers/` one handler more, for `--extra`.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant, SystemTime};

use crate::Failure;
use crate::client;
use crate::contenders::{Contender, Places, cargo};
use crate::machine;
use crate::process::Server;
use crate::table::{Table, number};
use crate::workloads::WORKLOADS;

/// What a program of `small/` may need; which versions these are, the root's lock file says.
const NEEDED: [&str; 8] = [
    "axum = { version = \"0.8\", default-features = false, \
     features = [\"http1\", \"http2\", \"matched-path\", \"original-uri\", \"query\", \"json\", \"tokio\"] }",
    "bytes = \"1\"",
    "http-body-util = \"0.1\"",
    "hyper = { version = \"1\", features = [\"http1\", \"http2\", \"server\"] }",
    "hyper-util = { version = \"0.1\", default-features = false, features = [\"tokio\"] }",
    "serde = { version = \"1\", features = [\"derive\"] }",
    "serde_json = \"1\"",
    "tokio = { version = \"1\", features = [\"net\", \"rt-multi-thread\"] }",
];

/// What one handler of each program says.
const GREETING: &str = "Hello, World!";

/// The root's profile for releases; that for development is Cargo's own.
const RELEASE: &str =
    "[profile.release]\nopt-level = 3\nlto = \"fat\"\ncodegen-units = 1\ndebug = \"line-tables-only\"\n";

/// Builds each library's program from nothing, and prints a table of it.
pub(crate) fn measure(places: &Places, contenders: &[&'static Contender]) -> Result<ExitCode, Failure> {
    println!(
        "### Building each library's server alone\n\n\
         - {} processors; {}; load average when it began {}\n\
         - release: optimised at level 3, `lto = \"fat\"`, one codegen unit, line tables; dev: Cargo's own profile\n\
         - touched: built again after the program's source was; changed: after a handler's text was (medians of three)\n",
        std::thread::available_parallelism()?,
        machine::version("rustc", "-V").unwrap_or_default(),
        std::fs::read_to_string("/proc/loadavg")?.split(' ').next().unwrap_or("?"),
    );
    let mut table = Table::new(&[
        "server",
        "crates",
        "release, s",
        "release, s of CPU",
        "dev, s",
        "dev, s of CPU",
        "dev, touched, s of CPU",
        "dev, changed, s of CPU",
        "size, KiB",
        "stripped, KiB",
        "memory idle, MiB",
    ]);
    let failed = each(places, contenders, |package| {
        eprintln!("building: {}", package.library);
        table.row([package.library.to_owned()].into_iter().chain(package.measure()?));
        Ok(())
    });
    println!("{}", table.text());
    Ok(failed)
}

/// Only looks whether the programs compile.
pub(crate) fn check(places: &Places, contenders: &[&'static Contender]) -> ExitCode {
    each(places, contenders, |package| {
        // What is the same for several is compiled once; and nobody runs it.
        let check = ["check", "--config", "profile.dev.debug=false", "--config", "build.incremental=false"];
        package.cargo(&check, Path::new("../checked"))?;
        println!("{} compiles", package.library);
        Ok(())
    })
}

/// Does something with each library's package, once. Who fails is told, and does not keep the others from it.
fn each(
    places: &Places,
    contenders: &[&'static Contender],
    mut what: impl FnMut(&Package) -> Result<(), Failure>,
) -> ExitCode {
    let (mut done, mut code) = (Vec::new(), ExitCode::SUCCESS);
    for contender in contenders.iter().filter(|contender| contender.is_native()) {
        if done.contains(&contender.library) {
            continue;
        }
        done.push(contender.library);
        if let Err(error) = Package::new(places, contender).and_then(|package| what(&package)) {
            println!("- failed: {}: {error}", contender.library);
            code = ExitCode::FAILURE;
        }
    }
    code
}

/// A package that is one program, in a folder that goes with this value.
#[derive(Debug)]
struct Package {
    library: &'static str,
    folder: PathBuf,
    /// The program's first source, in that folder.
    main: PathBuf,
}

impl Package {
    fn new(places: &Places, contender: &Contender) -> Result<Self, Failure> {
        let target = places.built.parent().ok_or("the target directory has no name")?;
        let folder = target.join("compare").join(contender.library);
        let _ = std::fs::remove_dir_all(&folder);
        let (main, lock) = match contender.is_peer() {
            true => (format!("benches/peers/servers/{}.rs", contender.key), "benches/peers/Cargo.lock"),
            false => (format!("benches/small/{}.rs", contender.library), "Cargo.lock"),
        };
        let package = Self { library: contender.library, folder, main: main.into() };
        let text = package.copy(&places.root, &package.main)?;
        let manifest = match contender.is_peer() {
            true => dependencies_of_peers(&places.peers())?,
            false => {
                let waypost = format!("waypost = {{ path = {:?} }}\n", places.root.join("server-core"));
                NEEDED.join("\n") + "\n" + &waypost
            }
        };
        let manifest = manifest_of(&package.main, manifest.lines().filter(|line| is_named(line, &text)));
        std::fs::write(package.folder.join("Cargo.toml"), manifest)?;
        std::fs::copy(places.root.join(lock), package.folder.join("Cargo.lock"))?;
        // So that nothing is fetched while the clock runs, and nothing at all if it is all there.
        let fetch = |more: &[&str]| {
            let mut command = cargo();
            let command = command.current_dir(&package.folder).arg("fetch").args(more).stdin(Stdio::null());
            command.output()
        };
        if !fetch(&["--offline"])?.status.success() {
            let fetched = fetch(&[])?;
            if !fetched.status.success() {
                return Err(String::from_utf8_lossy(&fetched.stderr).into());
            }
        }
        Ok(package)
    }

    /// Copies a source, and those that it names as its modules, to where they lie in the repository. Returns all their text.
    fn copy(&self, root: &Path, source: &Path) -> Result<String, Failure> {
        let mut text = std::fs::read_to_string(root.join(source))
            .map_err(|error| format!("{}: {error}", source.display()))?;
        let (copy, folder) = (self.folder.join(source), source.parent().unwrap_or(Path::new("")));
        std::fs::create_dir_all(copy.parent().unwrap_or(&self.folder))?;
        std::fs::write(copy, &text)?;
        for module in modules(&text) {
            text += &self.copy(root, &folder.join(module))?;
        }
        Ok(text)
    }

    fn measure(&self) -> Result<Vec<String>, Failure> {
        let target = Path::new("target");
        let release = self.cargo(&["build", "--release"], target)?;
        let program = self.folder.join("target/release/small");
        let (size, stripped) = (std::fs::metadata(&program)?.len(), self.stripped(&program));
        // In a thread of its own, since it is kept on one processor.
        let idle = std::thread::scope(|scope| {
            let asked = scope.spawn(|| ask(&program).map_err(|error| error.to_string()));
            asked.join().unwrap_or(Err("nobody asked it".to_owned()))
        })?;
        let dev = self.cargo(&["build"], target)?;
        let source = self.folder.join(&self.main);
        let touched = self.again(target, |_| {
            let source = std::fs::File::options().append(true).open(&source)?;
            Ok(source.set_modified(SystemTime::now())?)
        })?;
        let text = std::fs::read_to_string(&source)?;
        let changed = self.again(target, |time| {
            let changed = text.replace(GREETING, &format!("{GREETING} {time}"));
            if changed == text {
                return Err(format!("no handler of {} says {GREETING:?}", self.library).into());
            }
            Ok(std::fs::write(&source, changed)?)
        })?;
        let kibibytes = |bytes: u64| number(bytes as f64 / 1024.0);
        Ok(vec![
            release.crates.to_string(),
            number(release.wall.as_secs_f64()),
            number(release.cpu),
            number(dev.wall.as_secs_f64()),
            number(dev.cpu),
            number(touched),
            number(changed),
            kibibytes(size),
            stripped.map_or("-".to_owned(), kibibytes),
            number(idle as f64 / 1024.0),
        ])
    }

    /// How many seconds of CPU a build takes after `change`: the median of three.
    fn again(
        &self,
        target: &Path,
        mut change: impl FnMut(usize) -> Result<(), Failure>,
    ) -> Result<f64, Failure> {
        let mut cpu = [0.0; 3];
        for (time, cpu) in cpu.iter_mut().enumerate() {
            change(time)?;
            *cpu = self.cargo(&["build"], target)?.cpu;
        }
        cpu.sort_by(f64::total_cmp);
        Ok(cpu[1])
    }

    /// Lets cargo build, or check, into a folder of its own.
    fn cargo(&self, command: &[&str], target: &Path) -> Result<Build, Failure> {
        let mut cargo = cargo();
        cargo.current_dir(&self.folder).args(command).args(["--offline", "--color", "never", "--target-dir"]);
        cargo.arg(target).stdin(Stdio::null());
        // As it is without being asked for anything.
        for (variable, _) in std::env::vars_os() {
            let name = variable.to_string_lossy();
            if ["CARGO_PROFILE_", "CARGO_BUILD_", "CARGO_TERM_"].iter().any(|kind| name.starts_with(kind))
                || ["CARGO_INCREMENTAL", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER", "RUSTFLAGS"]
                    .contains(&&*name)
            {
                cargo.env_remove(&variable);
            }
        }
        let (start, before) = (Instant::now(), of_children()?);
        let output = cargo.output()?;
        let (wall, cpu) = (start.elapsed(), of_children()? - before);
        let text = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            return Err(text.into());
        }
        let crates = text.lines().filter(|line| line.trim_start().starts_with("Compiling ")).count();
        Ok(Build { wall, cpu, crates })
    }

    fn stripped(&self, program: &Path) -> Option<u64> {
        let smaller = self.folder.join("stripped");
        let status = Command::new("strip").arg("-o").arg(&smaller).arg(program).status().ok()?;
        if status.success() { Some(std::fs::metadata(smaller).ok()?.len()) } else { None }
    }
}

impl Drop for Package {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[derive(Debug)]
struct Build {
    wall: Duration,
    /// Seconds of all processors together.
    cpu: f64,
    crates: usize,
}

/// Looks whether a program answers as all others do. Its resident memory after the first answer, in KiB.
fn ask(program: &Path) -> Result<u64, Failure> {
    let server = Server::start(program, &["1".into(), "0".into()])?;
    let mut idle = None;
    for workload in WORKLOADS.iter().filter(|workload| workload.is_single()) {
        client::check(server.address, workload)?;
        if idle.is_none() {
            std::thread::sleep(Duration::from_millis(100));
            idle = Some(server.resident()?);
        }
    }
    server.end()?;
    idle.ok_or("nothing was asked".into())
}

/// Seconds of processor time of the processes that were started here and have ended, and of theirs.
fn of_children() -> Result<f64, Failure> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, rest) = stat.rsplit_once(')').ok_or("no times in /proc/self/stat")?;
    let times = rest.split_whitespace().skip(13).take(2).map(str::parse::<f64>);
    Ok(times.sum::<Result<f64, _>>()? / 100.0)
}

/// The files of a source's modules, as seen from its folder: where `#[path]` says, or beside it.
fn modules(text: &str) -> Vec<String> {
    let (mut found, mut path) = (Vec::new(), None);
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("mod ").and_then(|line| line.strip_suffix(';')) {
            found.push(path.take().unwrap_or(format!("{name}.rs")));
        }
        path = line.strip_prefix("#[path = \"").and_then(|line| line.strip_suffix("\"]")).map(str::to_owned);
    }
    found
}

/// What the manifest of `benches/peers` says of its dependencies.
fn dependencies_of_peers(peers: &Path) -> Result<String, Failure> {
    let manifest = std::fs::read_to_string(peers.join("Cargo.toml"))?;
    let (_, rest) = manifest.split_once("[dependencies]\n").ok_or("benches/peers has no dependencies")?;
    Ok(rest.split("\n\n").next().unwrap_or(rest).to_owned())
}

/// Whether a source names the dependency of a line.
fn is_named(line: &str, text: &str) -> bool {
    let name = line.split(' ').next().unwrap_or(line).replace('-', "_");
    line.contains(" = ")
        && text.match_indices(&format!("{name}::")).any(|(at, _)| {
            // Not at the end of another name.
            !text[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_')
        })
}

fn manifest_of<'a>(main: &Path, dependencies: impl Iterator<Item = &'a str>) -> String {
    let dependencies: String = dependencies.map(|line| format!("{line}\n")).collect();
    format!(
        "[package]\nname = \"small\"\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\nautobins = false\n\n\
         [[bin]]\nname = \"small\"\npath = {main:?}\n\n[workspace]\n\n[dependencies]\n{dependencies}\n{RELEASE}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_found_where_they_are_said_to_be() {
        let text = "//! mod none;\n\n#[path = \"../a/b.rs\"]\nmod other;\nmod runtime;\n\nmod tests {\n}\n";
        assert_eq!(modules(text), ["../a/b.rs", "runtime.rs"]);
    }

    #[test]
    fn a_dependency_is_named_by_its_whole_name() {
        let (hyper, util) = ("hyper = { version = \"1\" }", "hyper-util = \"0.1\"");
        let text = "use hyper_util::rt::TokioIo;\n";
        assert!(is_named(util, text) && !is_named(hyper, text));
        assert!(is_named(hyper, "fn a(b: hyper::Method) {}") && !is_named("util = \"1\"", text));
    }

    /// The root's own, of which these are the same.
    #[test]
    fn the_profile_is_that_of_the_servers_that_are_measured() {
        let places = Places::new(None).unwrap();
        for manifest in ["Cargo.toml", "benches/peers/Cargo.toml"] {
            let text = std::fs::read_to_string(places.root.join(manifest)).unwrap();
            assert!(text.contains(RELEASE), "{manifest}");
        }
    }
}
