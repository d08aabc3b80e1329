//! Sockets: binds them, accepts connections and keeps them served.
//!
//! It knows sockets and tasks; what is spoken on a connection is [`connection`](crate::connection)'s matter, what is
//! answered is that of an [`Application`].
//!
//! ```text
//! Builder → Server → Serving (one a runtime): accept → gate → a task for each connection → connection
//!                       └── shared: settings, lifecycle, registry ── Handle
//! ```

pub mod config;

mod accept;
mod builder;
mod gate;
mod handle;
mod listener;
mod opening;
mod proxy_protocol;
mod registry;
mod run;
mod serving;
mod shared;
mod stats;
mod stream;
mod termination;
#[cfg(feature = "_tls")]
mod tls;

pub use builder::Builder;
pub use handle::{Drained, Handle};
pub use listener::{Address, Listener};
pub use stats::Stats;
pub use termination::termination;
#[cfg(feature = "_tls")]
pub use tls::{ClientAuth, Tls, TlsCertificate, TlsError, TlsReloader};

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{ToSocketAddrs, lookup_host};

use crate::connection::{self, Application};
use crate::error::Result;
use crate::respond::{Peer, Respond};

use listener::{Bound, explain};
use serving::Serving;
use shared::Running;
use termination::Termination;

/// Serves an app on sockets: HTTP/1.0, HTTP/1.1 and HTTP/2, on one port.
///
/// ```no_run
/// use waypost::{App, Server, get, routes};
///
/// #[get("/hello/{name}")]
/// async fn hello(name: &str) -> String {
///     format!("Hello, {name}!\n")
/// }
///
/// #[tokio::main]
/// async fn main() -> waypost::Result<()> {
///     Server::bind("127.0.0.1:3000").await?.serve(App::new(routes![hello])).await
/// }
/// ```
///
/// Three ways to serve: [`serve`](Self::serve) on the caller's runtime until the future is dropped or the server ends,
/// [`spawn`](Self::spawn) there in the background, [`run`](Self::run) with threads and runtimes of its own.
/// More than one address, Unix sockets and settings are the [`builder`](Self::builder)'s.
///
/// It reads no environment, installs no signal handler unless asked ([`shutdown_on`](Self::shutdown_on) with
/// [`termination`]) and holds nothing global: several can run in one process.
///
/// # What a peer may take
///
/// Limits and deadlines are on by default; [`Config`](config::Config) lists and sets them.
///
/// When a client goes away in the middle of a request, its handler is dropped.
#[must_use]
pub struct Server {
    sockets: Vec<Bound>,
    running: Running,
    /// What it is asked to end by.
    until: Option<Until>,
    #[cfg(feature = "_tls")]
    tls: Option<tls::Acceptor>,
}

/// Asks the server to end when it comes to its own.
type Until = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Server {
    /// Listens on a TCP address; port 0 takes a free one, which [`addr`](Self::addr) tells.
    ///
    /// Of several addresses, such as those of a name, the first that can be bound is taken.
    ///
    /// ```
    /// use waypost::Server;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> waypost::Result<()> {
    /// let server = Server::bind("127.0.0.1:0").await?;
    /// assert_ne!(server.addr().tcp().unwrap().port(), 0);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the address cannot be resolved or bound. The error says which, and its [`cause`](crate::Error::cause) is
    /// the [`std::io::Error`].
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, if a name is to be resolved.
    pub async fn bind(address: impl ToSocketAddrs) -> Result<Self> {
        let addresses =
            lookup_host(address).await.map_err(|error| explain("cannot resolve the address", error))?;
        Self::builder().tcp(&*addresses.collect::<Vec<_>>()).bind()
    }

    /// A server of whatever addresses and settings.
    ///
    /// ```
    /// # fn main() -> waypost::Result<()> {
    /// let server = waypost::Server::builder().tcp("127.0.0.1:0").tcp("[::1]:0").bind()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Speaks TLS on every connection, and nothing without.
    ///
    /// A handshake that fails, or takes longer than [it may](config::Timeouts::handshake), ends its connection. Called
    /// again, the last one counts. A server without TLS on another port is another [`Server`].
    ///
    /// ```no_run
    /// use waypost::{Server, Tls};
    ///
    /// # async fn example(app: impl waypost::Respond) -> waypost::Result<()> {
    /// let tls = Tls::from_pem_files("fullchain.pem", "privkey.pem")?;
    /// Server::bind("[::]:443").await?.tls(tls)?.serve(app).await
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the settings cannot be put in force.
    #[cfg(feature = "_tls")]
    #[cfg_attr(docsrs, doc(cfg(any(feature = "tls", feature = "tls-ring"))))]
    pub fn tls(mut self, tls: Tls) -> Result<Self> {
        let protocols = &self.running.shared().config.protocols;
        self.tls = Some(tls.acceptor(protocols.http1, protocols.http2)?);
        Ok(self)
    }

    /// The first address it listens on; a TCP address with the real port.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> waypost::Result<()> {
    /// let server = waypost::Server::bind("127.0.0.1:0").await?;
    /// println!("http://{}/", server.addr());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn addr(&self) -> &Address {
        // A server is not made without an address.
        &self.addrs()[0]
    }

    /// All addresses it listens on.
    ///
    /// ```
    /// # fn main() -> waypost::Result<()> {
    /// let server = waypost::Server::builder().tcp("127.0.0.1:0").tcp("127.0.0.1:0").bind()?;
    /// assert_eq!(server.addrs().len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn addrs(&self) -> &[Address] {
        &self.running.shared().addresses
    }

    /// The hand on it, for ways to serve that return only when it has ended.
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use waypost::{App, Server, routes};
    ///
    /// # fn main() -> waypost::Result<()> {
    /// let server = Server::builder().tcp("127.0.0.1:3000").bind()?;
    /// let handle = server.handle();
    /// std::thread::spawn(move || {
    ///     std::thread::sleep(Duration::from_secs(3600));
    ///     drop(handle.shutdown(Duration::from_secs(30)));
    /// });
    /// server.run(App::new(routes![]))
    /// # }
    /// ```
    #[must_use]
    pub fn handle(&self) -> Handle {
        Handle::new(Arc::clone(self.running.shared()))
    }

    /// Ends it when `signal` does, in the way and time that [`Drain`](config::Drain) sets.
    ///
    /// ```no_run
    /// use waypost::{App, Server, routes, termination};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> waypost::Result<()> {
    /// let server = Server::bind("127.0.0.1:3000").await?.shutdown_on(termination());
    /// server.serve(App::new(routes![])).await
    /// # }
    /// ```
    ///
    /// Called again, either signal ends it. The future is polled until the server has ended, so it can do more than come
    /// to its end. What [`termination`] returns comes to its end twice: with a second signal what is left is cut.
    pub fn shutdown_on(mut self, signal: impl Future<Output = ()> + Send + 'static) -> Self {
        let mut signal = Some(signal);
        let signals =
            (&mut signal as &mut dyn Any).downcast_mut::<Option<Termination>>().and_then(Option::take);
        let mut signal: Until = match (signals, signal) {
            (Some(signals), _) => Box::pin(signals.twice(Arc::clone(self.running.shared()))),
            (None, Some(signal)) => Box::pin(signal),
            (None, None) => return self,
        };
        self.until = Some(match self.until.take() {
            None => signal,
            Some(mut earlier) => Box::pin(std::future::poll_fn(move |cx| {
                if earlier.as_mut().poll(cx).is_ready() {
                    return std::task::Poll::Ready(());
                }
                signal.as_mut().poll(cx)
            })),
        });
        self
    }

    /// Serves `app` on the current runtime, until the server is asked to end and has done so. Neither a failure to
    /// accept nor what happens on a connection ends it.
    ///
    /// Dropping the future stops accepting and drops all connections with the requests on them:
    ///
    /// ```no_run
    /// # async fn example(server: waypost::Server, app: impl waypost::Respond) {
    /// use std::time::Duration;
    ///
    /// let an_hour = tokio::time::timeout(Duration::from_secs(3600), server.serve(app));
    /// assert!(an_hour.await.is_err());
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the runtime does not take the sockets.
    ///
    /// # Panics
    ///
    /// In a runtime without I/O or time.
    pub fn serve<A: Respond>(self, app: A) -> impl Future<Output = Result<()>> + Send {
        self.serve_any(Arc::new(app))
    }

    /// Boxed, so that this, and all that it calls, is compiled here: an `async fn` would be where it is polled.
    fn serve_any(mut self, app: Arc<dyn Application>) -> Pin<Box<dyn Future<Output = Result<()>> + Send>> {
        Box::pin(async move {
            let until = self.begin();
            let ended = self.handle().ended();
            Serving::new(self.sockets, app, self.running)?.run(until).await;
            ended.await;
            Ok(())
        })
    }

    /// Serves `app` on the current runtime in the background.
    ///
    /// ```
    /// use waypost::{App, Server, get, routes};
    ///
    /// #[get("/")]
    /// async fn index() {}
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> waypost::Result<()> {
    /// let handle = Server::bind("127.0.0.1:0").await?.spawn(App::new(routes![index]))?;
    /// println!("serving http://{}/", handle.addr());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the runtime does not take the sockets.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, or in one without I/O or time.
    pub fn spawn<A: Respond>(self, app: A) -> Result<Handle> {
        self.spawn_any(Arc::new(app))
    }

    fn spawn_any(mut self, app: Arc<dyn Application>) -> Result<Handle> {
        let handle = self.handle();
        let until = self.begin();
        tokio::spawn(Serving::new(self.sockets, app, self.running)?.run(until));
        Ok(handle)
    }

    /// Serves `app` from threads of its own, as [`Workers`](config::Workers) sets, and returns when the server has
    /// ended.
    ///
    /// ```no_run
    /// use waypost::{App, Server, config::Config, get, routes, termination};
    ///
    /// #[get("/")]
    /// async fn index() {}
    ///
    /// fn main() -> waypost::Result<()> {
    ///     let mut config = Config::default();
    ///     config.workers.per_core = true;
    ///     let server = Server::builder().config(config).tcp("127.0.0.1:3000").bind()?;
    ///     server.shutdown_on(termination()).run(App::new(routes![index]))
    /// }
    /// ```
    ///
    /// It returns at the deadline of the [drain](config::Drain) or up to three seconds later, whatever handlers do: what
    /// blocks a thread then, in a handler or in `spawn_blocking`, is left to itself.
    ///
    /// # Errors
    ///
    /// When threads or runtimes cannot be made, or a thread panics (a panic of a handler does not get that far).
    ///
    /// # Panics
    ///
    /// Inside of a tokio runtime, which it would block: use [`serve`](Self::serve) there.
    pub fn run<A: Respond>(self, app: A) -> Result<()> {
        self.run_any(Arc::new(app))
    }

    fn run_any(mut self, app: Arc<dyn Application>) -> Result<()> {
        let until = self.begin();
        let Self { sockets, running, .. } = self;
        if running.shared().config.workers.per_core {
            run::per_core(sockets, app, running, until)?;
        } else {
            run::shared_runtime(sockets, app, running, until)?;
        }
        Ok(())
    }

    /// What is to run beside the server: it asks it to end when it is time.
    fn begin(&mut self) -> impl Future<Output = ()> + Send + 'static + use<> {
        let shared = Arc::clone(self.running.shared());
        #[cfg(feature = "_tls")]
        if let Some(tls) = self.tls.take() {
            // It begins once.
            let _ = shared.tls.set(tls);
        }
        let until = self.until.take();
        async move {
            if let Some(until) = until {
                until.await;
                shared.lifecycle.leave(shared.config.drain.delay, shared.config.drain.deadline);
            }
            std::future::pending().await
        }
    }

    /// Serves one connection over any stream, as [`serve`](Self::serve) does. For benches and tests.
    #[doc(hidden)]
    pub fn serve_connection<T, A>(
        stream: T,
        app: Arc<A>,
        peer: Peer,
    ) -> impl Future<Output = ()> + Send + 'static
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        A: Respond,
    {
        connection::serve(stream, app, peer, Arc::default(), Arc::new(connection::Watch::new()), None, ())
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("addrs", &self.addrs()).finish_non_exhaustive()
    }
}
