//! A server with threads of its own.

use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use super::config::Workers;
use super::listener::{Bound, explain};
use super::serving::Serving;
use super::shared::Running;
use crate::respond::Respond;

/// How many threads are asked for.
pub(super) fn threads(workers: &Workers) -> usize {
    workers.threads.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get)
}

/// A runtime for all threads.
pub(super) fn shared_runtime(workers: &Workers) -> io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(threads(workers)).thread_name("waypost").enable_all().build()
}

/// Serves from threads with a runtime each; `beside` runs on the first of them.
pub(super) fn per_core<A: Respond>(
    sockets: Vec<Bound>,
    app: A,
    running: Running,
    beside: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let app = &Arc::new(app);
    let shared = running.shared();
    let count = threads(&shared.config.workers);
    let mut workers = Vec::with_capacity(count);
    for _ in 1..count {
        let others = sockets.iter().map(|socket| socket.another(&shared.config.tcp));
        workers.push(others.filter_map(io::Result::transpose).collect::<io::Result<_>>()?);
    }
    workers.insert(0, sockets);
    let cores = if shared.config.workers.pin { cores() } else { Vec::new() };
    let mut beside = Some(beside);
    thread::scope(|scope| {
        let mut threads = Vec::with_capacity(count);
        let mut started = Ok(());
        for (number, sockets) in workers.into_iter().enumerate() {
            let core = (!cores.is_empty()).then(|| cores[number % cores.len()]);
            let (part, beside) = (running.clone(), beside.take());
            let thread =
                thread::Builder::new().name(format!("waypost-{number}")).spawn_scoped(scope, move || {
                    // However it ends, the others end with it: one thread less is not what was asked for.
                    let _last = Leave(part.clone());
                    serve(sockets, app, part, core, beside)
                });
            match thread {
                Ok(thread) => threads.push(thread),
                Err(error) => {
                    drop(Leave(running.clone()));
                    started = Err(explain("cannot start a thread", error));
                    break;
                }
            }
        }
        threads.into_iter().fold(started, |ended, thread| {
            let this = thread.join().unwrap_or_else(|_| Err(io::Error::other("a worker thread panicked")));
            ended.and(this)
        })
    })
}

/// Asks the server to end, when it is dropped.
struct Leave(Running);

impl Drop for Leave {
    fn drop(&mut self) {
        let shared = self.0.shared();
        shared.lifecycle.leave(Duration::ZERO, shared.config.drain.deadline);
    }
}

/// Serves from a runtime of the current thread.
fn serve<A: Respond>(
    sockets: Vec<Bound>,
    app: &Arc<A>,
    running: Running,
    core: Option<usize>,
    beside: Option<impl Future<Output = ()> + Send>,
) -> io::Result<()> {
    if let Some(core) = core {
        pin(core);
    }
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let serving = Serving::new(sockets, Arc::clone(app), running)?;
        match beside {
            Some(beside) => serving.run(beside).await,
            None => serving.run(std::future::pending()).await,
        }
        Ok(())
    })
}

/// The processors that the process may use, where the system tells.
fn cores() -> Vec<usize> {
    #[cfg(target_os = "linux")]
    if let Ok(set) = rustix::thread::sched_getaffinity(None) {
        return (0..rustix::thread::CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).collect();
    }
    Vec::new()
}

/// Binds the current thread to a processor. A thread that may not be bound serves all the same.
fn pin(_core: usize) {
    #[cfg(target_os = "linux")]
    {
        let mut set = rustix::thread::CpuSet::new();
        set.set(_core);
        let _ = rustix::thread::sched_setaffinity(None, &set);
    }
}
