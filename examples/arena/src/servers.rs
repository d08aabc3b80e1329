//! Four ports for one application.

use std::net::SocketAddr;

use waypost::config::Config;
use waypost::{App, Result, Routes, Server, termination};

use crate::certificate;
use crate::settings::Settings;
use crate::state::AppState;

/// A server for each kind of connection. What one speaks is said of all its sockets, so each port has its own.
pub(crate) struct Servers {
    /// HTTP/1.1, and HTTP/2 for clients that begin with it: those of gRPC do.
    plain: Server,
    /// HTTP/1.1 over TLS: it is all that ALPN offers.
    tls: Server,
    /// HTTP/2 alone.
    h2c: Server,
    /// Over TLS, whatever the client prefers of HTTP/2 and HTTP/1.1.
    h2: Server,
}

impl Servers {
    pub(crate) fn bind(settings: &Settings) -> Result<Self> {
        let certificates = settings.certificates.as_deref();
        let both = config();
        let mut only_http1 = config();
        only_http1.protocols.http2 = false;
        let mut only_http2 = config();
        only_http2.protocols.http1 = false;
        Ok(Self {
            plain: bind(settings.plain(), both.clone())?,
            tls: bind(settings.tls(), only_http1)?.tls(certificate::tls(certificates)?)?,
            h2c: bind(settings.h2c(), only_http2)?,
            h2: bind(settings.h2(), both)?.tls(certificate::tls(certificates)?)?,
        })
    }

    /// Prints a line for each, with the real port.
    #[allow(clippy::print_stdout)]
    pub(crate) fn announce(&self) {
        println!("plain: http://{}", self.plain.addr());
        println!("tls: https://{}", self.tls.addr());
        println!("h2c: http://{}", self.h2c.addr());
        println!("h2: https://{}", self.h2.addr());
    }

    /// Until the process is asked to end, and all of them have.
    pub(crate) async fn serve<R: Routes<AppState>>(self, app: App<R, AppState>) -> Result<()> {
        let Self { plain, tls, h2c, h2 } = self;
        let others = [tls.handle(), h2c.handle(), h2.handle()];
        // One ear for the signal: of several, each hears only what comes after it began to listen.
        let signal = async move {
            termination().await;
            for other in others {
                drop(other.shutdown(config().drain.deadline));
            }
        };
        // A clone is the same application: the servers share its state.
        tokio::try_join!(
            plain.shutdown_on(signal).serve(app.clone()),
            tls.serve(app.clone()),
            h2c.serve(app.clone()),
            h2.serve(app),
        )?;
        Ok(())
    }
}

fn bind(address: SocketAddr, config: Config) -> Result<Server> {
    Server::builder().config(config).tcp(address).bind()
}

/// The defaults, but for room: the arena's clients hold up to 16,384 connections, and all of them have one address.
fn config() -> Config {
    let mut config = Config::default();
    config.limits.connections = 20_000;
    config.limits.connections_per_client = Some(20_000);
    config
}
