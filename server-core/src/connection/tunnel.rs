//! Streams of HTTP/2 that stop carrying HTTP (RFC 9113 section 8.5, RFC 8441).

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use http::{Method, Request};
use hyper::ext::Protocol;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::admission::Refusal;
use super::stream::{Guarded, Stream};
use crate::response::Response;
use crate::upgrade::{Extended, Serve, Upgraded, take_tunnel};

/// What becomes of the stream of a CONNECT, if it is taken at its word.
pub(super) struct Tunnel {
    upgrade: OnUpgrade,
    /// What to answer where nobody promised anything.
    refusal: Refusal,
}

impl Tunnel {
    /// Takes it out of a request. An extended CONNECT turns into the GET that it would have been in HTTP/1.1.
    pub(super) fn of<B>(request: &mut Request<B>) -> Option<Self> {
        if request.method() != Method::CONNECT {
            return None;
        }
        let upgrade = hyper::upgrade::on(&mut *request);
        let Some(protocol) = request.extensions_mut().remove::<Protocol>() else {
            return Some(Self { upgrade, refusal: Refusal::Tunnel });
        };
        *request.method_mut() = Method::GET;
        if let Some(wish) = Extended::new(protocol.as_str()) {
            request.extensions_mut().insert(wish);
        }
        Some(Self { upgrade, refusal: Refusal::Protocol })
    }

    /// Makes the answer HTTP/2's. A handler that did not promise to speak the protocol must not seem to.
    pub(super) fn settle<H: Send + 'static>(
        self,
        response: &mut Response,
        stream: &Arc<Stream>,
        tunnels: &Tunnels,
        held: H,
    ) {
        if let Some(serve) = take_tunnel(response) {
            // The same stream as the server sees it: it counts on, and ends when it is cut.
            stream.set_tunnel();
            tokio::spawn(Guarded::new(self.serve(serve), Arc::clone(stream), (tunnels.hold(), held)));
        } else if response.status().is_success() || response.status().is_informational() {
            *response = self.refusal.response();
        }
    }

    async fn serve(self, serve: Box<Serve>) {
        if let Ok(stream) = self.upgrade.await {
            serve(Upgraded::new(Pieces(TokioIo::new(stream)))).await;
        }
    }
}

/// Those of a connection, which is not over before they are.
#[derive(Default)]
pub(super) struct Tunnels(Mutex<Option<(Sender<()>, Receiver<()>)>>);

impl Tunnels {
    /// Kept by each for as long as it is there.
    fn hold(&self) -> Sender<()> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.get_or_insert_with(|| channel(1)).0.clone()
    }

    /// Waits until there are none, where no more can come.
    pub(super) async fn ended(&self) {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((own, mut ended)) = held {
            drop(own);
            ended.recv().await;
        }
    }
}

/// hyper takes whatever it is given at once, and copies it. What the peer has no room for must not be in memory twice.
struct Pieces<T>(T);

/// A frame of HTTP/2, as most clients take them.
const PIECE: usize = 16 * 1024;

impl<T: AsyncRead + Unpin> AsyncRead for Pieces<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Pieces<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, &buf[..buf.len().min(PIECE)])
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
