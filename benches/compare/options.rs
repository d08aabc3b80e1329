//! What the command line asks for.

use std::path::PathBuf;

use crate::Failure;
use crate::contenders::{CONTENDERS, Contender};
use crate::workloads::{WORKLOADS, Workload};

pub(crate) const USAGE: &str = "\
compare [OPTIONS]: Waypost beside bare hyper, axum and, with --peers, other servers. Prints markdown.

  --peers            the servers of benches/peers too
  --rounds N         rounds, each of all servers one after the other; the medians are printed (3)
  --seconds N        seconds of load in a round, for each server and each workload (5)
  --only A,B         only these servers: hyper, waypost or axum, and with --peers those of benches/peers
  --workloads A,B    only these: plaintext, pipelined, params, query, json-out, json-in, http2
  --extra            two hundred routes more on every server that has a router
  --no-load          without wrk and h2load: only what repeats on a busy machine, too
  --no-counts        without instructions and allocations, which need valgrind
  --no-builds        without build times and sizes, for which a small program on each library is built from nothing: a few
                     minutes for each
  --builds           these alone
  --check-builds     only whether those programs compile
  --svg PATH         draws a picture of the results
  --built DIR        takes `serve` from DIR, and builds nothing unless it is asked for builds alone
";

#[derive(Debug)]
pub(crate) struct Options {
    pub peers: bool,
    pub rounds: usize,
    pub seconds: u32,
    pub only: Vec<String>,
    pub workloads: Vec<&'static Workload>,
    pub extra: bool,
    pub load: bool,
    pub counts: bool,
    pub builds: Builds,
    pub svg: Option<PathBuf>,
    pub built: Option<PathBuf>,
}

/// What is to become of the small programs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Builds {
    /// They are built when all else is measured.
    Last,
    None,
    Alone,
    Check,
}

impl Options {
    /// Reads the arguments after the program's name; nothing if help is asked for.
    pub(crate) fn read(mut arguments: impl Iterator<Item = String>) -> Result<Option<Self>, Failure> {
        let mut options = Self {
            peers: false,
            rounds: 3,
            seconds: 5,
            only: Vec::new(),
            workloads: WORKLOADS.iter().filter(|workload| workload.usual).collect(),
            extra: false,
            load: true,
            counts: true,
            builds: Builds::Last,
            svg: None,
            built: None,
        };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--peers" => options.peers = true,
                "--rounds" => options.rounds = value()?.parse()?,
                "--seconds" => options.seconds = value()?.parse()?,
                "--only" => options.only = servers(&value()?)?,
                "--workloads" => options.workloads = workloads(&value()?)?,
                "--extra" => options.extra = true,
                "--no-load" => options.load = false,
                "--no-counts" => options.counts = false,
                "--no-builds" => options.builds = Builds::None,
                "--builds" => options.builds = Builds::Alone,
                "--check-builds" => options.builds = Builds::Check,
                "--svg" => options.svg = Some(value()?.into()),
                "--built" => options.built = Some(value()?.into()),
                "--help" | "-h" => return Ok(None),
                _ => return Err(format!("{argument}?\n\n{USAGE}").into()),
            }
        }
        if options.built.is_some() && options.builds == Builds::Last {
            options.builds = Builds::None;
        }
        let is_there = |name: &&String| {
            CONTENDERS.iter().any(|one| one.is_called(name) && (options.peers || !one.is_peer()))
        };
        if let Some(name) = options.only.iter().find(|name| !is_there(name)) {
            return Err(format!("{name} takes part with --peers").into());
        }
        if options.rounds == 0 || options.seconds == 0 {
            return Err("rounds and seconds are at least 1".into());
        }
        Ok(Some(options))
    }

    /// Whether a server takes part.
    pub(crate) fn wants(&self, contender: &Contender) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| contender.is_called(name))
    }
}

fn servers(names: &str) -> Result<Vec<String>, Failure> {
    let known = |name: &str| match CONTENDERS.iter().any(|contender| contender.is_called(name)) {
        true => Ok(name.to_owned()),
        false => {
            let all: Vec<_> = CONTENDERS.iter().map(|contender| contender.key).collect();
            Err(format!("no server {name}; there are {}\n\n{USAGE}", all.join(", ")).into())
        }
    };
    names.split(',').map(known).collect()
}

fn workloads(keys: &str) -> Result<Vec<&'static Workload>, Failure> {
    let find = |key| WORKLOADS.iter().find(|workload| workload.key == key);
    keys.split(',').map(|key| find(key).ok_or(format!("no workload {key}\n\n{USAGE}").into())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(options: &Options) -> Vec<&'static str> {
        CONTENDERS
            .iter()
            .filter(|contender| options.wants(contender))
            .map(|contender| contender.key)
            .collect()
    }

    fn read(line: &str) -> Result<Option<Options>, Failure> {
        Options::read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn what_is_said_is_taken_and_the_rest_is_usual() {
        let options =
            read("--rounds 7 --only waypost,hyper-core --workloads json-in,http2").unwrap().unwrap();
        assert_eq!((options.rounds, options.seconds, options.peers), (7, 5, false));
        assert_eq!(
            options.workloads.iter().map(|workload| workload.key).collect::<Vec<_>>(),
            ["json-in", "http2"]
        );
        assert_eq!(wanted(&options), ["hyper-core", "waypost-core", "waypost-shared"]);
        assert_eq!(wanted(&read("").unwrap().unwrap()).len(), CONTENDERS.len());
        assert_eq!(wanted(&read("--peers --only xitca-web,may").unwrap().unwrap()), ["may", "xitca"]);
        assert!(read("--help").unwrap().is_none());
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for line in [
            "--round 3",
            "--rounds",
            "--rounds x",
            "--rounds 0",
            "--seconds 0",
            "--workloads plain",
            "--only waypost,xitcaweb",
            "--only waypost,xitca",
        ] {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
