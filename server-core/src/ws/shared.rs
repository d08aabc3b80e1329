//! A WebSocket that its halves and its keeper share.

use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake as _, Waker, ready};

use super::close::{CloseCode, CloseFrame};
use super::engine::Engine;
use super::error::WebSocketError;
use super::message::Message;
use super::text::Utf8Bytes;
use super::wakers::{Role, Wakers};

pub(super) struct Shared {
    engine: Mutex<Engine>,
    wakers: Arc<Wakers>,
    /// They, as the stream has them.
    waker: Waker,
    handles: AtomicUsize,
}

impl Shared {
    pub(super) fn new(engine: Engine) -> Arc<Self> {
        let wakers = Arc::new(Wakers::default());
        let waker = Waker::from(Arc::clone(&wakers));
        Arc::new(Self { engine: Mutex::new(engine), wakers, waker, handles: AtomicUsize::new(0) })
    }

    /// Asks the engine, which wakes everybody who has ever asked in vain.
    pub(super) fn poll<T>(
        &self,
        role: Role,
        cx: &mut Context<'_>,
        ask: impl FnOnce(&mut Engine, &mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        self.wakers.register(role, cx.waker());
        ask(&mut self.engine(), &mut Context::from_waker(&self.waker))
    }

    /// Waits until nobody has the socket any more.
    pub(super) fn poll_released(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.wakers.register(Role::Keeper, cx.waker());
        if self.handles.load(SeqCst) == 0 { Poll::Ready(()) } else { Poll::Pending }
    }

    /// The server ends.
    pub(super) fn leave(&self) {
        self.engine().leave();
        self.wakers.wake_by_ref();
    }

    /// The connection ends here and now, whoever has the socket.
    pub(super) fn cut(&self, code: CloseCode) {
        self.engine().cut(code);
        self.wakers.wake_by_ref();
    }

    fn engine(&self) -> MutexGuard<'_, Engine> {
        self.engine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A share of the socket that the application has.
pub(super) struct Handle(Arc<Shared>);

impl Handle {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        shared.handles.fetch_add(1, SeqCst);
        Self(Arc::clone(shared))
    }

    pub(super) fn another(&self) -> Self {
        Self::new(&self.0)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if self.0.handles.fetch_sub(1, SeqCst) == 1 {
            self.0.wakers.wake_by_ref();
        }
    }
}

/// Somebody waits for a message. If that ends without one, as in a `select!`, the time until the next wait is not the
/// peer's.
struct Waiting<'a> {
    shared: &'a Shared,
    is_over: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.shared.engine().look_away();
        }
    }
}

/// What sockets and their halves do.
impl Handle {
    pub(super) fn poll_recv(&self, cx: &mut Context<'_>) -> Poll<Option<Result<Message, WebSocketError>>> {
        self.0.poll(Role::Reader, cx, |engine, cx| engine.poll_recv(cx))
    }

    pub(super) async fn recv(&self) -> Option<Result<Message, WebSocketError>> {
        let mut waiting = Waiting { shared: &self.0, is_over: false };
        let received = poll_fn(|cx| self.poll_recv(cx)).await;
        waiting.is_over = true;
        received
    }

    pub(super) async fn feed(&self, message: Message) -> Result<(), WebSocketError> {
        let mut message = Some(message);
        self.write(|engine, cx| push(engine, &mut message, cx)).await
    }

    pub(super) async fn flush(&self) -> Result<(), WebSocketError> {
        self.write(|engine, cx| engine.poll_flush(cx)).await
    }

    pub(super) async fn send(&self, message: Message) -> Result<(), WebSocketError> {
        let mut message = Some(message);
        self.write(|engine, cx| {
            ready!(push(engine, &mut message, cx))?;
            engine.poll_flush(cx)
        })
        .await
    }

    pub(super) async fn close(&self, code: CloseCode, reason: Utf8Bytes) -> Result<(), WebSocketError> {
        match self.send(Message::Close(Some(CloseFrame { code, reason }))).await {
            Err(error) if error.is_closed() => Ok(()),
            result => result,
        }
    }

    async fn write(
        &self,
        mut ask: impl FnMut(&mut Engine, &mut Context<'_>) -> Poll<Result<(), WebSocketError>>,
    ) -> Result<(), WebSocketError> {
        poll_fn(|cx| self.0.poll(Role::Writer, cx, &mut ask)).await
    }
}

/// Once, when there is room.
fn push(
    engine: &mut Engine,
    message: &mut Option<Message>,
    cx: &mut Context<'_>,
) -> Poll<Result<(), WebSocketError>> {
    if message.is_some() {
        ready!(engine.poll_room(cx))?;
    }
    Poll::Ready(message.take().map_or(Ok(()), |message| engine.push(message, cx)))
}
