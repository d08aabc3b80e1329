//! Which of the machine's processors is the server's, and which the load's.

use std::sync::OnceLock;

use crate::Failure;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Processor {
    Server,
    Load,
}

/// The first two that this process may use; nothing if there is but one, which then is everybody's.
static PAIR: OnceLock<Option<(usize, usize)>> = OnceLock::new();

/// Whether server and load have a processor each.
pub(crate) fn apart() -> bool {
    PAIR.get_or_init(pair).is_some()
}

/// Keeps this thread, and what it starts from here on, on a processor.
pub(crate) fn pin(to: Processor) -> Result<(), Failure> {
    match PAIR.get_or_init(pair) {
        Some((server, load)) => pin_to(if to == Processor::Server { *server } else { *load }),
        None => Ok(()),
    }
}

#[cfg(target_os = "linux")]
fn pair() -> Option<(usize, usize)> {
    use rustix::thread::{CpuSet, sched_getaffinity};
    let set = sched_getaffinity(None).ok()?;
    let mut usable = (0..CpuSet::MAX_CPU).filter(|processor| set.is_set(*processor));
    Some((usable.next()?, usable.next()?))
}

#[cfg(target_os = "linux")]
fn pin_to(processor: usize) -> Result<(), Failure> {
    let mut set = rustix::thread::CpuSet::new();
    set.set(processor);
    rustix::thread::sched_setaffinity(None, &set)
        .map_err(|error| format!("cannot keep a process on processor {processor}: {error}").into())
}

#[cfg(not(target_os = "linux"))]
fn pair() -> Option<(usize, usize)> {
    None
}

#[cfg(not(target_os = "linux"))]
fn pin_to(_: usize) -> Result<(), Failure> {
    Ok(())
}
