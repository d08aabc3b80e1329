//! Who sees to a WebSocket's end.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::ready;
use std::thread;

use super::close::CloseCode;
use super::engine::Engine;
use super::settings::Settings;
use super::shared::{Handle, Shared};
use super::wakers::Role;
use crate::upgrade::Upgraded;

/// Runs the handler, and what the library owes the peer beside and behind it. It is the connection's own future: as long
/// as it runs the connection counts, and when the server cuts that, the socket is of no more use to whoever has it, in
/// whatever task.
pub(super) async fn keep<F: Future<Output = ()>>(
    stream: Upgraded,
    settings: Settings,
    serve: impl FnOnce(Handle) -> F,
) {
    let shutdown = settings.shutdown.clone();
    let shared = Shared::new(Engine::new(stream, settings));
    let _cut = Cut(&shared);
    let mut requested = pin!(shutdown.requested());
    let mut handler = pin!(serve(Handle::new(&shared)));
    let (mut is_told, mut is_served) = (false, false);
    poll_fn(|cx| {
        if !is_told && requested.as_mut().poll(cx).is_ready() {
            is_told = true;
            shared.leave();
        }
        if !is_served {
            ready!(handler.as_mut().poll(cx));
            is_served = true;
        }
        ready!(shared.poll_released(cx));
        shared.poll(Role::Keeper, cx, |engine, cx| engine.poll_end(cx))
    })
    .await;
}

/// When it is dropped, it is over.
struct Cut<'a>(&'a Arc<Shared>);

impl Drop for Cut<'_> {
    fn drop(&mut self) {
        self.0.cut(if thread::panicking() { CloseCode::INTERNAL_ERROR } else { CloseCode::GOING_AWAY });
    }
}
