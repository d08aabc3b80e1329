//! What comes before HTTP on a connection: the header of the PROXY protocol, then the TLS handshake.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::task::Poll;

use tokio::time::{sleep, timeout};

use super::gate::ClientPlace;
use super::proxy_protocol;
use super::shared::Shared;
use super::stream::Stream;
use crate::connection::Spoken;
use crate::respond::Peer;

/// A connection on which HTTP can begin.
pub(super) struct Opened {
    stream: Stream,
    peer: Peer,
    /// What TLS has negotiated.
    spoken: Option<Spoken>,
    /// The client's place, if it was not known before who it is.
    place: Option<ClientPlace>,
}

impl Opened {
    /// Taken apart by a call: a future keeps room for what is taken apart in its own code.
    pub(super) fn into_parts(self) -> (Stream, Peer, Option<Spoken>, Option<ClientPlace>) {
        (self.stream, self.peer, self.spoken, self.place)
    }
}

/// Opens a connection, within its deadline. `None`: it is to be closed.
pub(super) async fn open(stream: Stream, peer: Peer, shared: &Shared) -> Option<Opened> {
    let opened = if !shared.has_opening() {
        Opened { stream, peer, spoken: None, place: None }
    } else {
        let opening = until_last_call(negotiate(stream, peer, shared), shared);
        let opening = timeout(shared.config.timeouts.handshake, opening);
        // Boxed, so that a connection does not carry the room for it to its end.
        match Box::pin(opening).await {
            Ok(Some(Ok(opened))) => opened?,
            Ok(Some(Err(_error))) => {
                #[cfg(feature = "tracing")]
                tracing::debug!(error = &_error as &dyn std::error::Error, "connection failed before HTTP");
                return None;
            }
            Ok(None) | Err(_) => return None,
        }
    };
    let proxies = &shared.config.proxies;
    let peer = opened.peer.with_forwarded(proxies.headers, &proxies.trusted);
    Some(Opened { peer: peer.on(shared.lifecycle.shutdown()), ..opened })
}

/// `None`, if the client has too many connections already.
async fn negotiate(mut stream: Stream, peer: Peer, shared: &Shared) -> io::Result<Option<Opened>> {
    let proxies = &shared.config.proxies;
    let is_proxy = proxies.is_proxy(&peer);
    let (peer, read) =
        proxy_protocol::identify(&mut stream, peer, proxies.protocol, &proxies.trusted).await?;
    let mut place = None;
    if is_proxy {
        match shared.gate.admit(peer.address.map(|address| address.ip())) {
            Some(admitted) => place = admitted,
            None => {
                shared.registry.refused();
                return Ok(None);
            }
        }
    }
    let stream = stream.after(read);
    #[cfg(feature = "_tls")]
    if let Some(tls) = shared.tls.get() {
        // Whoever says nothing takes nobody's turn.
        let mut stream = stream;
        stream.readable().await?;
        let turn = shared.gate.handshake().await;
        let (stream, info) = tls.accept(stream).await?;
        drop(turn);
        let spoken = match info.alpn() {
            Some(b"h2") => Some(Spoken::Http2),
            Some(_) => Some(Spoken::Http1),
            None => None,
        };
        let stream = Stream::Tls(Box::new(stream));
        return Ok(Some(Opened { stream, peer: peer.with_tls(info), spoken, place }));
    }
    Ok(Some(Opened { stream, peer, spoken: None, place }))
}

/// `None`, if the server ends and the client is not soon done.
async fn until_last_call<T>(opening: impl Future<Output = T>, shared: &Shared) -> Option<T> {
    let mut opening = pin!(opening);
    let mut last_call = pin!(async {
        shared.lifecycle.draining().await;
        sleep(shared.limits.last_call).await;
    });
    poll_fn(|cx| match opening.as_mut().poll(cx) {
        Poll::Ready(opened) => Poll::Ready(Some(opened)),
        Poll::Pending => last_call.as_mut().poll(cx).map(|()| None),
    })
    .await
}
