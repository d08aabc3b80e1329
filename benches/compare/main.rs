//! Waypost beside bare hyper, axum and, with `--peers`, other servers: the same routes, each server a process of its own on a
//! processor of its own, load from another. See `options.rs` for what can be asked for, docs/PERFORMANCE.md for results.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod builds;
mod client;
mod contenders;
mod counts;
mod http2;
mod load;
mod machine;
mod measure;
mod options;
mod picture;
mod process;
mod processors;
mod report;
mod table;
mod workloads;

use std::process::ExitCode;

use contenders::{CONTENDERS, Contender, Places};
use load::Scratch;
use measure::Setting;
use options::{Builds, Options, USAGE};
use processors::Processor;
use report::Report;
use workloads::WORKLOADS;

pub(crate) type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match Options::read(std::env::args().skip(1)) {
        Ok(None) => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        Ok(Some(options)) => compare(&options).unwrap_or_else(|error| fail(&error)),
        Err(error) => fail(&error),
    }
}

fn fail(error: &Failure) -> ExitCode {
    eprintln!("compare: {error}");
    ExitCode::FAILURE
}

fn compare(options: &Options) -> Result<ExitCode, Failure> {
    let places = Places::new(options.built.as_deref())?;
    let contenders: Vec<&'static Contender> = CONTENDERS
        .iter()
        .filter(|contender| (options.peers || !contender.is_peer()) && options.wants(contender))
        .collect();
    match options.builds {
        Builds::Check => return Ok(builds::check(&places, &contenders)),
        Builds::Alone => return builds::measure(&places, &contenders),
        Builds::Last | Builds::None => {}
    }
    // The first is also what memory under load is measured with.
    for workload in WORKLOADS.iter().take(1).chain(options.workloads.iter().copied()).filter(|_| options.load)
    {
        let (tool, package) = load::tool(workload);
        if !load::is_there(tool) {
            let key = workload.key;
            return Err(format!("{key} needs {tool}, which is not on the PATH (Debian: {package})").into());
        }
    }
    if options.built.is_none() {
        places.build(contenders.iter().any(|contender| contender.is_peer() && contender.is_native()))?;
    }
    let contenders = ready(&places, contenders);
    // In a thread of its own, which is kept on the load's processor.
    let served = std::thread::scope(|scope| {
        let serving = scope.spawn(|| serve(options, &places, &contenders).map_err(|error| error.to_string()));
        serving.join().unwrap_or(Err("it ended in the middle".to_owned()))
    })?;
    if options.builds != Builds::Last {
        return Ok(served);
    }
    let built = builds::measure(&places, &contenders)?;
    Ok(if served == ExitCode::SUCCESS { built } else { served })
}

/// Starts the servers and measures them; prints what came of it.
fn serve(options: &Options, places: &Places, contenders: &[&'static Contender]) -> Result<ExitCode, Failure> {
    let setting = Setting {
        places: places.clone(),
        scratch: Scratch::new()?,
        rounds: if options.load { options.rounds } else { 0 },
        seconds: options.seconds,
        extra: options.extra,
        built: options.built.is_some(),
    };
    // What is started from here on is load, if nothing else is said.
    processors::pin(Processor::Load)?;
    println!("{}", machine::describe(&setting, contenders));

    let mut report = Report::default();
    for workload in options.workloads.iter().filter(|_| options.load) {
        let able: Vec<_> =
            contenders.iter().copied().filter(|contender| contender.http2 || !workload.is_http2()).collect();
        report.workload(workload, measure::rounds(&setting, workload, &able));
    }
    if options.counts && load::is_there("valgrind") {
        let singles = options.workloads.iter().copied().filter(|workload| workload.is_single());
        report.counts(&setting, contenders, &singles.collect::<Vec<_>>());
    } else if options.counts {
        println!("No instructions and allocations: valgrind is not on the PATH (Debian: valgrind).\n");
    }
    report.footprints(contenders.iter().map(|contender| measure::footprint(&setting, contender)));
    if let Some(path) = &options.svg {
        std::fs::write(path, report.picture()).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(if report.end() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Those that can be started. Who cannot, because its language is not installed, is passed over.
fn ready(places: &Places, contenders: Vec<&'static Contender>) -> Vec<&'static Contender> {
    let prepared = |contender: &&Contender| match contender.prepare(places) {
        Ok(()) => true,
        Err(reason) => {
            println!("{} is skipped: {reason}.\n", contender.name);
            false
        }
    };
    contenders.into_iter().filter(prepared).collect()
}
