//! A server in a process of its own.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, setrlimit};
use waypost::config::Config;
use waypost::{Builder, Server, termination};

use crate::log::Log;
use crate::site;
use crate::tools::PATIENCE;

/// What the process is to be, in its environment.
const ROLE: &str = "WAYPOST_SIEGE";

/// Not a test but what a [`Program`] runs.
#[test]
fn program() {
    let Ok(role) = std::env::var(ROLE) else { return };
    tracing::subscriber::set_global_default(Log).unwrap();
    let (role, argument) = role.split_once(' ').unwrap_or((&role, ""));
    let mut config = Config::default();
    config.drain.deadline = PATIENCE;
    match role {
        "inherit" => serve(Server::builder().config(config).inherited(), || ()),
        "share" => {
            config.tcp.reuse_port = true;
            serve(Server::builder().config(config).tcp(argument), || ());
        }
        "patient" => {
            config.drain.deadline = Duration::MAX;
            serve(Server::builder().config(config).tcp("127.0.0.1:0"), || ());
        }
        "plain" => serve(Server::builder().config(config).tcp("127.0.0.1:0"), || ()),
        // May have so many files open from the start.
        "files" => {
            limit_files(argument.parse().unwrap());
            serve(Server::builder().config(config).tcp("127.0.0.1:0"), || ());
        }
        // Finds out late that it has room for no more than so many files.
        "fill" => {
            serve(Server::builder().config(config).tcp("127.0.0.1:0"), || {
                let open = std::fs::read_dir("/proc/self/fd").unwrap().count() as u64;
                limit_files(open + argument.parse::<u64>().unwrap());
            });
        }
        // Is asked to end before it waits for that.
        "early" => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let both = [termination(), termination()];
                kill_process(rustix::process::getpid(), Signal::TERM).unwrap();
                for one in both {
                    one.await;
                }
                eprintln!("heard");
            });
        }
        "unix" => match Server::builder().unix(argument, None).bind() {
            Ok(_) => eprintln!("bound"),
            Err(error) => eprintln!("error {error}"),
        },
        _ => panic!("what is {role}?"),
    }
}

fn limit_files(files: u64) {
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: Some(files), maximum }).unwrap();
}

fn serve(builder: Builder, and_then: impl FnOnce()) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let handle = builder.bind().unwrap().shutdown_on(termination()).spawn(site::app()).unwrap();
        and_then();
        eprintln!("address {}", handle.addr());
        let drained = handle.ended().await;
        eprintln!("ended {} {}", drained.connections, drained.requests);
        eprintln!("begun {}", handle.stats().requests());
    });
}

/// Such a process, which does not outlive its owner.
pub(crate) struct Program {
    child: Child,
    lines: mpsc::Receiver<String>,
    /// All lines so far.
    log: Arc<Mutex<Vec<String>>>,
}

impl Program {
    pub(crate) fn start(role: &str) -> Self {
        let this = std::env::current_exe().unwrap();
        Self::start_as(Command::new(this), role)
    }

    /// With a listening socket as systemd hands it down: as descriptor 3.
    pub(crate) fn start_with(socket: &TcpListener) -> Self {
        let mut command = Command::new("sh");
        command
            .arg("-c")
            .arg(r#"LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@" 3<&0 0</dev/null"#)
            .arg(std::env::current_exe().unwrap())
            .stdin(Stdio::from(OwnedFd::from(socket.try_clone().unwrap())));
        Self::start_as(command, "inherit")
    }

    pub(crate) fn start_as(mut command: Command, role: &str) -> Self {
        command.args(["--exact", "program::program", "--nocapture", "--test-threads=1"]);
        command.env(ROLE, role).stdout(File::options().write(true).open("/dev/null").unwrap());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = mpsc::channel();
        let log = Arc::new(Mutex::new(Vec::new()));
        let copy = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                copy.lock().unwrap().push(line.clone());
                let _ = sender.send(line);
            }
        });
        Self { child, lines, log }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What follows this word on the first line that begins with it.
    pub(crate) fn says(&self, word: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("no {word:?} among {:?}", self.log()));
            if let Some(rest) = line.strip_prefix(word) {
                return rest.trim().to_owned();
            }
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.says("address").parse().unwrap()
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    pub(crate) fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let start = std::time::Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "it does not end: {:?}", self.log());
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
