//! The profile echo-ws: every message goes back.

use waypost::ws::{WebSocket, WebSocketUpgrade};
use waypost::{Response, Routes, get, routes};

use crate::state::AppState;

pub(crate) fn routes() -> impl Routes<AppState> {
    routes![echo]
}

#[get("/ws")]
async fn echo(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async |mut socket: WebSocket| {
        while let Some(Ok(message)) = socket.recv().await {
            if socket.send(message).await.is_err() {
                break;
            }
        }
    })
}
