//! The system's wish that the program end.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::runtime::Handle;

use super::shared::Shared;

/// Waits for the signals that ask a program to end: SIGTERM, and SIGINT (ctrl-c in a terminal).
///
/// ```no_run
/// use waypost::{App, Server, routes, termination};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> waypost::Result<()> {
/// Server::bind("127.0.0.1:3000").await?.shutdown_on(termination()).serve(App::new(routes![])).await
/// # }
/// ```
///
/// Given to [`Server::shutdown_on`](crate::Server::shutdown_on) like this, the first signal asks the server to end, and
/// the second, such as ctrl-c once more, to wait no longer: what is still in progress is cut, as at the
/// [deadline](crate::config::Drain::deadline).
///
/// From the call on, where that is made within a runtime, and else from the first poll on, these signals no longer end the
/// process by themselves: that is up to whoever called this. Of several such futures each hears the signals that come
/// after. In a future of one's own it is the first signal, and who calls it twice can give the second a meaning:
///
/// ```no_run
/// use std::time::Duration;
/// use waypost::{App, Server, routes, termination};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> waypost::Result<()> {
/// let server = Server::bind("127.0.0.1:3000").await?;
/// let handle = server.handle();
/// let signals = async move {
///     termination().await;
///     drop(handle.shutdown(Duration::from_secs(30)));
///     termination().await;
///     drop(handle.shutdown(Duration::from_secs(5)));
/// };
/// server.shutdown_on(signals).serve(App::new(routes![])).await
/// # }
/// ```
///
/// Where the system refuses to tell (it never does in practice), it waits for ever.
///
/// # Panics
///
/// If the runtime of the call, or of the first poll, was built without `enable_io`: no server can be served there either.
pub fn termination() -> impl Future<Output = ()> + Send + 'static {
    Termination { signals: Handle::try_current().is_ok().then(signals) }
}

/// Ready with each signal: it may be polled again, and then waits for the next.
pub(super) struct Termination {
    /// Those to listen to, from as early on as there is a runtime; empty if the system refuses.
    signals: Option<Vec<Signal>>,
}

fn signals() -> Vec<Signal> {
    listen().unwrap_or_default()
}

impl Termination {
    /// Asks the server to end, and then to wait no longer.
    pub(super) async fn twice(mut self, server: Arc<Shared>) {
        (&mut self).await;
        server.lifecycle.leave(server.config.drain.delay, server.config.drain.deadline);
        self.await;
        server.lifecycle.leave(Duration::ZERO, Duration::ZERO);
    }
}

#[cfg(unix)]
use tokio::signal::unix::Signal;
#[cfg(windows)]
use tokio::signal::windows::CtrlC as Signal;

#[cfg(unix)]
fn listen() -> std::io::Result<Vec<Signal>> {
    use tokio::signal::unix::{SignalKind, signal};

    Ok(vec![signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?])
}

#[cfg(windows)]
fn listen() -> std::io::Result<Vec<Signal>> {
    Ok(vec![tokio::signal::windows::ctrl_c()?])
}

impl Future for Termination {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let signals = self.signals.get_or_insert_with(signals);
        // Each is asked, so that each wakes; two that came together are one.
        let came =
            signals.iter_mut().filter_map(|signal| signal.poll_recv(cx).is_ready().then_some(())).count();
        if came > 0 { Poll::Ready(()) } else { Poll::Pending }
    }
}
