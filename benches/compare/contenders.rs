//! Who is compared, and how each is built and started.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Failure;
use crate::workloads::Workload;

#[derive(Debug)]
pub(crate) struct Contender {
    pub key: &'static str,
    pub name: &'static str,
    /// The package whose version counts.
    pub library: &'static str,
    program: Program,
    /// Whether it speaks HTTP/2 without TLS.
    pub http2: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Program {
    /// A server of `serve`, on one thread's own runtime or on one whose threads share the connections.
    Own {
        server: &'static str,
        shared: bool,
    },
    /// A program of `benches/peers`.
    Peer(&'static str),
    /// One in another language: what runs it, and its source, in a folder of `benches/peers`.
    Go,
    Node,
    Python,
}

const fn own(key: &'static str, name: &'static str, server: &'static str, shared: bool) -> Contender {
    Contender { key, name, library: server, program: Program::Own { server, shared }, http2: true }
}

const fn peer(key: &'static str, library: &'static str, http2: bool) -> Contender {
    Contender { key, name: library, library, program: Program::Peer(key), http2 }
}

const fn foreign(key: &'static str, name: &'static str, program: Program) -> Contender {
    Contender { key, name, library: key, program, http2: false }
}

pub(crate) const CONTENDERS: &[Contender] = &[
    own("hyper-core", "hyper, per core", "hyper", false),
    own("hyper-shared", "hyper, shared", "hyper", true),
    own("waypost-core", "Waypost, per core", "waypost", false),
    own("waypost-shared", "Waypost, shared", "waypost", true),
    own("axum", "axum", "axum", true),
    peer("actix", "actix-web", true),
    peer("may", "may_minihttp", false),
    peer("ntex", "ntex", false),
    peer("poem", "poem", true),
    peer("rocket", "rocket", true),
    peer("salvo", "salvo", true),
    peer("warp", "warp", true),
    peer("xitca", "xitca-web", true),
    foreign("gin", "Gin (Go)", Program::Go),
    foreign("fastify", "Fastify (Node)", Program::Node),
    foreign("fastapi", "FastAPI (Python)", Program::Python),
];

/// Where things lie.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// The repository.
    pub root: PathBuf,
    /// `serve`'s folder.
    pub built: PathBuf,
}

impl Places {
    pub(crate) fn new(built: Option<&Path>) -> Result<Self, Failure> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
        let built = match built {
            Some(built) => built.to_owned(),
            // This program lies in a profile's folder of the target directory.
            None => match std::env::current_exe()?.ancestors().nth(2) {
                Some(target) => target.join("release"),
                None => return Err("this program lies nowhere".into()),
            },
        };
        Ok(Self { root, built })
    }

    pub(crate) fn peers(&self) -> PathBuf {
        self.root.join("benches/peers")
    }

    /// Builds what is to be started.
    pub(crate) fn build(&self, peers: bool) -> Result<(), Failure> {
        let target = self.built.parent().ok_or("the target directory has no name")?;
        let serve = ["build", "--release", "-p", "waypost-benches", "--bin", "serve", "--target-dir"];
        run(cargo().current_dir(&self.root).args(serve).arg(target))?;
        if peers {
            let peers = ["build", "--release", "--locked", "--bins", "--target-dir", "target"];
            run(cargo().current_dir(self.peers()).args(peers))?;
        }
        Ok(())
    }
}

pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
}

/// Runs to the end; its output goes to ours, but not to where the tables go.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let output = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit());
    let status = output.status().map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} failed").into()) }
}

impl Contender {
    /// Whether a name is its, or its library's.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        self.key == name || self.library == name
    }

    /// Whether it is one of `benches/peers`.
    pub(crate) fn is_peer(&self) -> bool {
        !matches!(self.program, Program::Own { .. })
    }

    pub(crate) fn is_waypost(&self) -> bool {
        self.library == "waypost"
    }

    /// Whether callgrind can follow it.
    pub(crate) fn is_native(&self) -> bool {
        matches!(self.program, Program::Own { .. } | Program::Peer(_))
    }

    /// Makes it ready to start, or tells why it cannot be.
    pub(crate) fn prepare(&self, places: &Places) -> Result<(), String> {
        let folder = places.peers().join(self.key);
        let found = |mut command: Command| {
            let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            command.status().is_ok_and(|status| status.success())
        };
        match self.program {
            Program::Own { .. } | Program::Peer(_) => Ok(()),
            Program::Go => {
                let mut modules = Command::new("go");
                modules.current_dir(&folder).args(["build", "-mod=mod", "-o", "gin", "."]);
                // Debian's packages: golang-go and golang-github-gin-gonic-gin-dev.
                let mut packaged = Command::new("go");
                packaged.env("GO111MODULE", "off").env("GOPATH", "/usr/share/gocode");
                packaged.current_dir(&folder).args(["build", "-o", "gin", "."]);
                if found(modules) || found(packaged) {
                    Ok(())
                } else {
                    Err("neither with modules nor with Debian's packages does `go build` succeed".into())
                }
            }
            Program::Node if !folder.join("node_modules/fastify").is_dir() => {
                Err("its modules are not installed: npm install, in benches/peers/fastify".into())
            }
            Program::Node => {
                let mut node = Command::new("node");
                node.arg("--version");
                if found(node) { Ok(()) } else { Err("there is no `node`".into()) }
            }
            Program::Python => {
                let mut import = Command::new(python(&folder));
                import.args(["-c", "import fastapi, uvicorn"]);
                if found(import) {
                    Ok(())
                } else {
                    Err("its modules are not installed: see requirements.txt".into())
                }
            }
        }
    }

    /// What starts it for a workload, with two hundred routes more or without.
    pub(crate) fn command(
        &self,
        places: &Places,
        workload: &Workload,
        extra: bool,
    ) -> (PathBuf, Vec<OsString>) {
        let folder = places.peers().join(self.key);
        let routes = if extra { "200" } else { "0" };
        let counts = ["1", routes].map(OsString::from);
        match self.program {
            Program::Own { server, shared } => {
                let variant = match server {
                    "hyper" if workload.is_http2() => "-http2",
                    // It has no router.
                    "hyper" => "",
                    _ if extra => "-many",
                    _ => "",
                };
                let mut arguments = vec![format!("{server}{variant}").into()];
                if shared {
                    arguments.push("shared".into());
                }
                (places.built.join("serve"), arguments)
            }
            Program::Peer(name) => {
                let mut arguments = Vec::from(counts);
                if workload.is_http2() {
                    arguments.push("h2c".into());
                }
                (places.peers().join("target/release").join(name), arguments)
            }
            Program::Go => (folder.join("gin"), Vec::from(counts)),
            Program::Node => {
                ("node".into(), [vec![folder.join("server.js").into()], Vec::from(counts)].concat())
            }
            Program::Python => {
                (python(&folder), [vec![folder.join("server.py").into()], Vec::from(counts)].concat())
            }
        }
    }

    /// The version that is built or installed, as the project's own files have it.
    pub(crate) fn version(&self, places: &Places) -> String {
        let read = |path: &str| std::fs::read_to_string(places.root.join(path)).unwrap_or_default();
        let version = match self.program {
            Program::Own { .. } => locked(&read("Cargo.lock"), self.library),
            Program::Peer(_) => locked(&read("benches/peers/Cargo.lock"), self.library),
            Program::Go => Command::new(places.peers().join("gin/gin"))
                .arg("version")
                .output()
                .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
                .ok()
                .or_else(|| after(&read("benches/peers/gin/go.mod"), "gin-gonic/gin v")),
            Program::Node => after(&read("benches/peers/fastify/package.json"), "\"fastify\": \""),
            Program::Python => after(&read("benches/peers/fastapi/requirements.txt"), "fastapi=="),
        };
        version.unwrap_or("?".to_owned())
    }
}

/// The environment beside the program, if there is one.
fn python(folder: &Path) -> PathBuf {
    let own = folder.join(".venv/bin/python");
    if own.is_file() { own } else { "python3".into() }
}

/// The version of a package in a lock file.
fn locked(lock: &str, package: &str) -> Option<String> {
    after(lock, &format!("name = \"{package}\"\nversion = \""))
}

/// What follows, up to a quote or the end of a word.
fn after(text: &str, what: &str) -> Option<String> {
    let (_, rest) = text.split_once(what)?;
    rest.split(|end: char| end == '"' || end.is_whitespace()).next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workloads::WORKLOADS;

    #[test]
    fn keys_are_unique_and_versions_known() {
        let places = Places::new(None).unwrap();
        for (at, contender) in CONTENDERS.iter().enumerate() {
            assert!(CONTENDERS[..at].iter().all(|other| other.key != contender.key), "{}", contender.key);
            let version = contender.version(&places);
            assert!(version.starts_with(|digit: char| digit.is_ascii_digit()), "{} {version}", contender.key);
        }
    }

    #[test]
    fn a_server_is_told_its_layout_its_routes_and_its_protocol() {
        let places = Places::new(None).unwrap();
        let line = |key: &str, workload: &str, extra| {
            let contender = CONTENDERS.iter().find(|contender| contender.key == key).unwrap();
            let workload = WORKLOADS.iter().find(|one| one.key == workload).unwrap();
            let (program, arguments) = contender.command(&places, workload, extra);
            let words = arguments.iter().map(|argument| argument.to_str().unwrap());
            [&[program.file_name().unwrap().to_str().unwrap()], &words.collect::<Vec<_>>()[..]]
                .concat()
                .join(" ")
        };
        assert_eq!(line("waypost-core", "plaintext", false), "serve waypost");
        assert_eq!(line("waypost-shared", "http2", true), "serve waypost-many shared");
        assert_eq!(line("hyper-shared", "http2", false), "serve hyper-http2 shared");
        assert_eq!(line("hyper-core", "plaintext", true), "serve hyper");
        assert_eq!(line("actix", "http2", true), "actix 1 200 h2c");
        assert_eq!(line("may", "json-in", false), "may 1 0");
    }
}
