//! Unix sockets and the files that stand for them.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use socket2::{Domain, SockAddr, Socket, Type};

use super::explain;

/// A Unix socket that listens.
pub(in super::super) struct UnixSocket {
    socket: UnixListener,
    file: Arc<SocketFile>,
}

/// The file that clients find the socket by. It goes when the last socket goes that listens behind it.
#[derive(Debug)]
pub(in super::super) struct SocketFile {
    path: PathBuf,
    /// Device and inode of what was made here; `None` for a socket that was handed down, whose file is not ours.
    made: Option<(u64, u64)>,
}

impl UnixSocket {
    /// Binds `path`, which only then others can connect to when it has its permissions.
    ///
    /// A socket file that nobody listens behind any more, left by a program that was killed, is replaced; one that
    /// somebody listens behind, or anything that is not a socket, is an error.
    pub(in super::super) fn bind(path: &Path, mode: Option<u32>, backlog: u32) -> io::Result<Self> {
        let explain = |error| explain(format!("cannot listen on the Unix socket {}", path.display()), error);
        let socket = match bind(path) {
            Err(error) if error.kind() == ErrorKind::AddrInUse && is_stale(path) => {
                fs::remove_file(path).map_err(explain)?;
                bind(path).map_err(explain)?
            }
            bound => bound.map_err(explain)?,
        };
        let made = fs::symlink_metadata(path).map_err(explain)?;
        let file = SocketFile { path: path.to_owned(), made: Some((made.dev(), made.ino())) };
        if let Some(mode) = mode {
            fs::set_permissions(path, Permissions::from_mode(mode)).map_err(explain)?;
        }
        // Until now nobody could connect.
        socket.listen(i32::try_from(backlog).unwrap_or(i32::MAX)).map_err(explain)?;
        socket.set_nonblocking(true).map_err(explain)?;
        Ok(Self { socket: socket.into(), file: Arc::new(file) })
    }

    pub(in super::super) fn from_std(socket: UnixListener) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        let path = socket.local_addr()?.as_pathname().unwrap_or(Path::new("")).to_owned();
        Ok(Self { socket, file: Arc::new(SocketFile { path, made: None }) })
    }

    pub(super) fn path(&self) -> &Path {
        &self.file.path
    }

    /// The same socket once more.
    pub(super) fn another(&self) -> io::Result<Self> {
        Ok(Self { socket: self.socket.try_clone()?, file: Arc::clone(&self.file) })
    }

    pub(super) fn into_parts(self) -> (UnixListener, Arc<SocketFile>) {
        (self.socket, self.file)
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // Another program may have put its own socket here meanwhile.
        let still_ours = || {
            let now = fs::symlink_metadata(&self.path).ok()?;
            (self.made == Some((now.dev(), now.ino()))).then_some(())
        };
        if still_ours().is_some() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn bind(path: &Path) -> io::Result<Socket> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.bind(&SockAddr::unix(path)?)?;
    Ok(socket)
}

/// Whether this is a socket's file with nobody behind it.
fn is_stale(path: &Path) -> bool {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket());
    is_socket
        && matches!(UnixStream::connect(path), Err(error) if error.kind() == ErrorKind::ConnectionRefused)
}
