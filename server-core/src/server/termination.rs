//! The system's wish that the program end.

/// Waits for the signals that ask a program to end: SIGTERM, and SIGINT (ctrl-c in a terminal).
///
/// For [`Server::shutdown_on`](crate::Server::shutdown_on). From the first poll on these signals no longer end the
/// process by themselves: that is up to whoever called this. A second signal has no effect here; who calls it twice can
/// give it one, such as to wait no longer:
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
///     drop(handle.shutdown(Duration::ZERO));
/// };
/// server.shutdown_on(signals).serve(App::new(routes![])).await
/// # }
/// ```
///
/// In the plain case:
///
/// ```no_run
/// use waypost::{App, Server, routes, termination};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> waypost::Result<()> {
/// Server::bind("127.0.0.1:3000").await?.shutdown_on(termination()).serve(App::new(routes![])).await
/// # }
/// ```
///
/// Where the system refuses to tell (it never does in practice), it waits for ever.
pub async fn termination() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        let (terminate, interrupt) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
        let (Ok(mut terminate), Ok(mut interrupt)) = (terminate, interrupt) else {
            return std::future::pending().await;
        };
        std::future::poll_fn(|cx| {
            if terminate.poll_recv(cx).is_ready() || interrupt.poll_recv(cx).is_ready() {
                return std::task::Poll::Ready(());
            }
            std::task::Poll::Pending
        })
        .await;
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
