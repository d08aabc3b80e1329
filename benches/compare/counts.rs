//! What repeats: user instructions and heap allocations of a request, by valgrind's callgrind. The difference between many
//! and few requests leaves out starting, connecting and warming up.

use std::collections::HashMap;
use std::path::Path;

use crate::Failure;
use crate::client::{Client, check};
use crate::contenders::Contender;
use crate::measure::Setting;
use crate::process::Server;
use crate::workloads::Workload;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Counts {
    pub instructions: f64,
    pub allocations: f64,
}

const FEW: u32 = 500;
const MANY: u32 = 1_500;

/// What gives out memory in the C library, whichever language asks for it.
const ALLOCATORS: [&str; 6] = ["malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc", "memalign"];

/// A request's, on one connection that is kept alive.
pub(crate) fn count(
    setting: &Setting,
    contender: &Contender,
    workload: &Workload,
) -> Result<Counts, Failure> {
    eprintln!("instructions, {}: {}", workload.key, contender.key);
    let few = total(setting, contender, workload, FEW)?;
    let many = total(setting, contender, workload, MANY)?;
    let each = |figure: fn(&Counts) -> f64| (figure(&many) - figure(&few)) / f64::from(MANY - FEW);
    Ok(Counts {
        instructions: each(|counts| counts.instructions),
        allocations: each(|counts| counts.allocations),
    })
}

/// A process's, from its start to its end.
fn total(
    setting: &Setting,
    contender: &Contender,
    workload: &Workload,
    requests: u32,
) -> Result<Counts, Failure> {
    let (program, arguments) = contender.command(&setting.places, workload, setting.extra);
    let output = setting.scratch.path("callgrind.out");
    let mut line = vec!["--tool=callgrind".into(), "--quiet".into(), {
        let mut file = std::ffi::OsString::from("--callgrind-out-file=");
        file.push(&output);
        file
    }];
    line.push(program.into());
    line.extend(arguments);
    let server = Server::start(Path::new("valgrind"), &line)?;
    check(server.address, workload)?;
    Client::connect(server.address, workload)?.ask_often(requests)?;
    server.end()?;
    read(&std::fs::read_to_string(output)?)
}

/// Reads callgrind's output: the total, and the calls of each allocator. A name is written once, with a number, and from
/// then on as that number.
fn read(output: &str) -> Result<Counts, Failure> {
    let (mut names, mut instructions, mut allocations) = (HashMap::new(), None, 0.0);
    let mut called = "";
    for line in output.lines() {
        if let Some(name) = line.strip_prefix("cfn=").or_else(|| line.strip_prefix("fn=")) {
            let (number, name) = name.split_once(' ').unwrap_or((name, ""));
            if !name.is_empty() {
                names.insert(number, name);
            }
            if line.starts_with('c') {
                called = names.get(number).copied().unwrap_or("");
            }
        } else if let Some(calls) = line.strip_prefix("calls=") {
            // A recursion has its level behind a tick.
            if ALLOCATORS.contains(&called.split('\'').next().unwrap_or(called)) {
                allocations += calls.split(' ').next().unwrap_or(calls).parse::<f64>()?;
            }
        } else if let Some(total) = line.strip_prefix("totals: ").or_else(|| line.strip_prefix("summary: ")) {
            instructions = Some(total.trim().parse()?);
        }
    }
    Ok(Counts { instructions: instructions.ok_or("callgrind counted nothing")?, allocations })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_of_allocators_are_summed_under_whatever_number() {
        let output = "# callgrind format\nevents: Ir\nsummary: 1234\n\nfn=(1) main\n0 5\ncfn=(2) malloc\ncalls=3 0 \n0 90\n\
            cfn=(3) memcpy\ncalls=7 0 \n0 70\n\nfn=(4) grow\ncob=(1)\ncfn=(2)\ncalls=2 0 \n0 60\ncfn=(5) realloc'2\n\
            calls=1 0 \n0 9\ncfn=(3)\ncalls=100 0 \n0 1\n\nfn=(2)\n0 50\n";
        assert_eq!(read(output).unwrap(), Counts { instructions: 1234.0, allocations: 6.0 });
        assert!(read("").is_err());
    }
}
