//! TCP sockets and their options.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};

use super::super::config::Tcp;

/// Longer ones Linux does not take (`MAX_TCP_KEEPIDLE`).
const LONGEST_SILENCE: Duration = Duration::from_secs(32_767);

/// Binds and listens; `share`: with other sockets on the same address.
pub(super) fn bind(address: SocketAddr, settings: &Tcp, share: bool) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // A restarted program does not wait for the last one's connections to time out (TIME_WAIT). On Windows the option
    // means something else, and the system does the right thing without.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    if share || settings.reuse_port {
        let_others_listen(&socket)?;
    }
    if address.is_ipv6() {
        socket.set_only_v6(settings.only_v6)?;
    }
    socket.bind(&address.into())?;
    socket.listen(i32::try_from(settings.backlog).unwrap_or(i32::MAX))?;
    let socket = TcpListener::from(socket);
    prepare(&socket, settings)?;
    Ok(socket)
}

/// Other sockets may have the same address.
#[cfg(all(unix, not(any(target_os = "solaris", target_os = "illumos", target_os = "cygwin"))))]
fn let_others_listen(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_port(true)
}

/// The same where they may not.
#[cfg(not(all(unix, not(any(target_os = "solaris", target_os = "illumos", target_os = "cygwin")))))]
fn let_others_listen(_: &Socket) -> io::Result<()> {
    let message =
        "`tcp.reuse_port` and `workers.per_core` need SO_REUSEPORT, which this system does not have";
    Err(io::Error::new(io::ErrorKind::Unsupported, message))
}

/// Sets what every connection is to have. Linux hands a listening socket's options down to what it accepts, so this is
/// done once and not for every connection.
pub(super) fn prepare(socket: &TcpListener, settings: &Tcp) -> io::Result<()> {
    socket.set_nonblocking(true)?;
    apply(&SockRef::from(socket), settings)
}

/// The same for systems on which a connection inherits nothing.
fn apply(socket: &SockRef<'_>, settings: &Tcp) -> io::Result<()> {
    socket.set_tcp_nodelay(settings.nodelay)?;
    if let Some(silence) = settings.keep_alive.filter(|silence| *silence != Duration::MAX) {
        let silence = silence.clamp(Duration::from_secs(1), LONGEST_SILENCE);
        let probes = TcpKeepalive::new().with_time(silence);
        #[cfg(not(any(target_os = "openbsd", target_os = "haiku", target_os = "vita")))]
        let probes = probes.with_interval((silence / 4).max(Duration::from_secs(1)));
        socket.set_tcp_keepalive(&probes)?;
    }
    Ok(())
}

/// Sets them on a connection, where that is needed. It fails only for a peer that has gone.
#[cfg(not(target_os = "linux"))]
pub(super) fn prepare_accepted(stream: &tokio::net::TcpStream, settings: &Tcp) {
    let _ = apply(&SockRef::from(stream), settings);
}
