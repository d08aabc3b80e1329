//! A server with threads of its own.

use std::future::{Future, poll_fn};
use std::io;
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::config::Workers;
use super::listener::{Bound, explain};
use super::serving::{PATIENCE, Serving};
use super::shared::{Running, Shared};
use crate::connection::Application;

/// How many threads are asked for.
pub(super) fn threads(workers: &Workers) -> usize {
    workers.threads.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get)
}

/// Serves from threads that share a runtime; `beside` runs on the calling one, where no handler is in its way.
pub(super) fn shared_runtime(
    sockets: Vec<Bound>,
    app: Arc<dyn Application>,
    running: Running,
    beside: impl Future<Output = ()>,
) -> io::Result<()> {
    let watcher = watcher()?;
    let shared = Arc::clone(running.shared());
    let runtime = Builder::new_multi_thread()
        .worker_threads(threads(&shared.config.workers))
        .thread_name("waypost")
        .enable_all()
        .build()?;
    let last = Leave(running);
    let part = last.0.clone();
    let serving = runtime.spawn(async move {
        Serving::new(sockets, app, part)?.run(std::future::pending()).await;
        Ok(())
    });
    let ended = watch(watcher, &shared, beside, serving);
    runtime.shutdown_timeout(if ended.is_some() { PATIENCE } else { Duration::ZERO });
    ended.unwrap_or(Ok(Ok(()))).map_err(|_| panicked())?
}

/// Serves from threads with a runtime each; `beside` runs on the calling one.
pub(super) fn per_core(
    sockets: Vec<Bound>,
    app: Arc<dyn Application>,
    running: Running,
    beside: impl Future<Output = ()>,
) -> io::Result<()> {
    let watcher = watcher()?;
    let shared = Arc::clone(running.shared());
    let count = threads(&shared.config.workers);
    let mut workers = Vec::with_capacity(count);
    for _ in 1..count {
        let others = sockets.iter().map(|socket| socket.another(&shared.config.tcp));
        workers.push(others.filter_map(io::Result::transpose).collect::<io::Result<_>>()?);
    }
    workers.insert(0, sockets);
    let cores: Arc<[usize]> = if shared.config.workers.pin { cores() } else { Vec::new() }.into();
    let mut threads = Vec::with_capacity(count);
    let mut started = Ok(());
    // Closed when the last thread has gone.
    let (working, mut gone) = mpsc::channel::<()>(1);
    let last = Leave(running);
    for (number, sockets) in workers.into_iter().enumerate() {
        let (app, part, cores, working) =
            (Arc::clone(&app), last.0.clone(), Arc::clone(&cores), working.clone());
        let thread = thread::Builder::new().name(format!("waypost-{number}")).spawn(move || {
            let _working = working;
            // However it ends, the others end with it: one thread less is not what was asked for.
            let _last = Leave(part.clone());
            serve(sockets, app, part, number, cores)
        });
        match thread {
            Ok(thread) => threads.push(thread),
            Err(error) => {
                drop(Leave(last.0.clone()));
                started = Err(explain("cannot start a thread", error));
                break;
            }
        }
    }
    drop((working, app));
    let is_overdue = watch(watcher, &shared, beside, gone.recv()).is_none();
    threads.into_iter().filter(|thread| !is_overdue || thread.is_finished()).fold(started, |ended, thread| {
        let this = thread.join().unwrap_or_else(|_| Err(panicked()));
        ended.and(this)
    })
}

/// A runtime of the calling thread, to watch the others.
fn watcher() -> io::Result<Runtime> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    // Where it may not block it panics now, when nothing has begun.
    runtime.block_on(std::future::ready(()));
    Ok(runtime)
}

/// Runs `beside` until `work` is done; `None`, if that is overdue. Threads that work may be blocked, all of them: so
/// nothing here is left to their runtimes.
fn watch<T>(
    runtime: Runtime,
    shared: &Shared,
    beside: impl Future<Output = ()>,
    work: impl Future<Output = T>,
) -> Option<T> {
    let done = runtime.block_on(async {
        let (mut beside, mut work) = (pin!(beside), pin!(work));
        let mut overdue = pin!(async {
            shared.lifecycle.draining().await;
            shared.lifecycle.cut().await;
            // Once for the connections, once for the threads beside the workers.
            sleep(PATIENCE * 2).await;
        });
        poll_fn(|cx| {
            // It is never done: it asks the server to end.
            let _ = beside.as_mut().poll(cx);
            match work.as_mut().poll(cx) {
                Poll::Ready(done) => Poll::Ready(Some(done)),
                Poll::Pending => overdue.as_mut().poll(cx).map(|()| None),
            }
        })
        .await
    });
    if done.is_none() {
        #[cfg(feature = "tracing")]
        tracing::warn!("handlers block their threads: not waiting for them");
        shared.registry.begin_cut();
        shared.lifecycle.end();
    }
    runtime.shutdown_background();
    done
}

fn panicked() -> io::Error {
    io::Error::other("a worker thread panicked")
}

/// Asks the server to end, when it is dropped.
struct Leave(Running);

impl Drop for Leave {
    fn drop(&mut self) {
        let shared = self.0.shared();
        shared.lifecycle.leave(Duration::ZERO, shared.config.drain.deadline);
    }
}

/// Serves from a runtime of the current thread, which is the one of this number.
fn serve(
    sockets: Vec<Bound>,
    app: Arc<dyn Application>,
    running: Running,
    number: usize,
    cores: Arc<[usize]>,
) -> io::Result<()> {
    let mut builder = Builder::new_current_thread();
    if !cores.is_empty() {
        pin_to(&cores[number % cores.len()..][..1]);
        // What blocks goes to threads that this one starts, and they begin where it is bound.
        builder.on_thread_start(move || pin_to(&cores));
    }
    let runtime = builder.enable_all().build()?;
    let ended = runtime.block_on(async {
        Serving::new(sockets, app, running)?.run(std::future::pending()).await;
        Ok(())
    });
    runtime.shutdown_timeout(PATIENCE);
    ended
}

/// The processors that the process may use, where the system tells.
fn cores() -> Vec<usize> {
    #[cfg(target_os = "linux")]
    if let Ok(set) = rustix::thread::sched_getaffinity(None) {
        return (0..rustix::thread::CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).collect();
    }
    Vec::new()
}

/// Binds the current thread to these processors. A thread that may not be bound serves all the same.
fn pin_to(_cores: &[usize]) {
    #[cfg(target_os = "linux")]
    {
        let mut set = rustix::thread::CpuSet::new();
        _cores.iter().for_each(|core| set.set(*core));
        let _ = rustix::thread::sched_setaffinity(None, &set);
    }
}
