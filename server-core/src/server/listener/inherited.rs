//! Sockets that were opened before the program was started.

use std::io;

use super::super::config::Tcp;
use super::{Bound, UnixSocket, explain};

/// The sockets that whoever started this process has opened for it (`LISTEN_FDS`, as systemd's `sd_listen_fds(3)` has
/// it). None, if it has not. They are handed out once in a process.
pub(in super::super) fn sockets(settings: &Tcp) -> io::Result<Vec<Bound>> {
    let mut inherited = listenfd::ListenFd::from_env();
    let mut sockets = Vec::with_capacity(inherited.len());
    for number in 0..inherited.len() {
        let socket = match inherited.take_tcp_listener(number) {
            Ok(socket) => socket.map(|socket| Bound::from_std(socket, settings)),
            Err(_) => inherited
                .take_unix_listener(number)?
                .map(|socket| UnixSocket::from_std(socket).map(Bound::Unix)),
        };
        let Some(socket) = socket else { continue };
        sockets.push(
            socket.map_err(|error| explain(format!("cannot listen on inherited socket {number}"), error))?,
        );
    }
    Ok(sockets)
}
