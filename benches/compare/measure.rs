//! Rounds of load, and what else a process shows: its start, its memory, what a request costs it.

use std::time::{Duration, Instant};

use crate::Failure;
use crate::client::{Client, check, warm_up};
use crate::contenders::{Contender, Places};
use crate::load::{Scratch, load};
use crate::process::Server;
use crate::workloads::{WORKLOADS, Workload};

/// What all measurements have in common.
#[derive(Debug)]
pub(crate) struct Setting {
    pub places: Places,
    pub scratch: Scratch,
    /// None without load.
    pub rounds: usize,
    pub seconds: u32,
    pub extra: bool,
    /// Whether the servers were built before, in whatever way.
    pub built: bool,
}

/// One contender under one workload.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample {
    pub rate: f64,
    pub p50: f64,
    pub p99: f64,
    pub p999: f64,
    /// The server's time for a request, user and system, in microseconds.
    pub cost: f64,
}

/// A contender's medians, or why there are none.
pub(crate) type Outcome<T> = (&'static Contender, Result<T, String>);

/// All contenders round after round. One that fails is out; the others go on.
pub(crate) fn rounds(
    setting: &Setting,
    workload: &Workload,
    contenders: &[&'static Contender],
) -> Vec<Outcome<Sample>> {
    let mut outcomes: Vec<Outcome<Vec<Sample>>> =
        contenders.iter().map(|contender| (*contender, Ok(Vec::new()))).collect();
    for round in 1..=setting.rounds {
        for (contender, samples) in &mut outcomes {
            let Ok(taken) = samples else { continue };
            eprintln!("{}, round {round}: {}", workload.key, contender.key);
            match sample(setting, workload, contender) {
                Ok(sample) => taken.push(sample),
                Err(error) => *samples = Err(error.to_string()),
            }
        }
    }
    outcomes.into_iter().map(|(contender, samples)| (contender, samples.map(medians))).collect()
}

fn start(setting: &Setting, workload: &Workload, contender: &Contender) -> Result<Server, Failure> {
    let (program, arguments) = contender.command(&setting.places, workload, setting.extra);
    Server::start(&program, &arguments)
}

fn sample(setting: &Setting, workload: &Workload, contender: &Contender) -> Result<Sample, Failure> {
    let server = start(setting, workload, contender)?;
    check(server.address, workload)?;
    if workload.is_http2() {
        load(server.address, workload, 1, &setting.scratch)?;
    } else {
        warm_up(server.address, workload)?;
    }
    let before = server.cpu_time()?;
    let load = load(server.address, workload, setting.seconds, &setting.scratch)?;
    let cost = (server.cpu_time()? - before) / load.requests as f64 * 1e6;
    server.end()?;
    Ok(Sample {
        rate: load.requests as f64 / load.seconds,
        p50: load.p50,
        p99: load.p99,
        p999: load.p999,
        cost,
    })
}

/// Each figure's median for itself.
fn medians(samples: Vec<Sample>) -> Sample {
    let of = |figure: fn(&Sample) -> f64| median(samples.iter().map(figure).collect());
    Sample {
        rate: of(|sample| sample.rate),
        p50: of(|sample| sample.p50),
        p99: of(|sample| sample.p99),
        p999: of(|sample| sample.p999),
        cost: of(|sample| sample.cost),
    }
}

/// The middle one; of an even number, the upper of the two.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// What a process shows beside its speed.
#[derive(Clone, Debug)]
pub(crate) struct Footprint {
    /// From the start of the program to its first answer, in milliseconds.
    pub cold_start: f64,
    /// Resident memory in KiB: after the first answer, and at its most under load, if there was to be one.
    pub idle: u64,
    pub loaded: Option<u64>,
    /// Bytes that one more connection takes which had a request and is kept alive.
    pub connection: u64,
}

const STARTS: usize = 11;
/// What a server has had before connections are measured, and how many are at most.
const WARM: usize = 100;
const KEPT: usize = 5_000;
/// Files that a process has open anyhow.
const OTHER_FILES: usize = 50;

pub(crate) fn footprint(setting: &Setting, contender: &'static Contender) -> Outcome<Footprint> {
    eprintln!("memory and start: {}", contender.key);
    (contender, measure_footprint(setting, contender).map_err(|error| error.to_string()))
}

fn measure_footprint(setting: &Setting, contender: &Contender) -> Result<Footprint, Failure> {
    let hello = &WORKLOADS[0];
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        let begin = Instant::now();
        let server = start(setting, hello, contender)?;
        Client::connect(server.address, hello)?.ask()?;
        starts.push(begin.elapsed().as_secs_f64() * 1e3);
        server.end()?;
    }

    let server = start(setting, hello, contender)?;
    check(server.address, hello)?;
    std::thread::sleep(Duration::from_millis(100));
    let idle = server.resident()?;
    let loaded = match setting.rounds {
        0 => None,
        _ => {
            load(server.address, hello, 1, &setting.scratch)?;
            Some(server.peak()?)
        }
    };
    server.end()?;

    let server = start(setting, hello, contender)?;
    let open = |count: usize| -> Result<Vec<Client>, Failure> {
        let one = |_| {
            let mut client = Client::connect(server.address, hello)?;
            client.ask().map(drop)?;
            Ok(client)
        };
        (0..count).map(one).collect()
    };
    let warm = open(WARM)?;
    let before = server.resident()?;
    let count = KEPT.min(open_files()?.saturating_sub(WARM + OTHER_FILES));
    let kept = open(count)?;
    let connection = server.resident()?.saturating_sub(before) * 1024 / count.max(1) as u64;
    drop((warm, kept));
    server.end()?;
    Ok(Footprint { cold_start: median(starts), idle, loaded, connection })
}

/// How many files this process, and what it starts, may have open.
fn open_files() -> Result<usize, Failure> {
    let limits = std::fs::read_to_string("/proc/self/limits")?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    match line.and_then(|line| line.split_whitespace().next()).ok_or("no limit of open files")? {
        "unlimited" => Ok(usize::MAX),
        limit => Ok(limit.parse()?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_not_moved_by_an_outlier() {
        assert_eq!(median(vec![3.0, 900.0, 1.0]), 3.0);
        assert_eq!(median(vec![2.0]), 2.0);
        assert!(median(Vec::new()).is_nan());
    }
}
