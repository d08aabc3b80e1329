//! Unix sockets and the files that stand for them.

use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
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
        let bound = || {
            // Until it is dropped: of several that start at once, one finds the others'.
            let _folder = lock_folder_of(path)?;
            if !is_free(path)? {
                return Err(ErrorKind::AddrInUse.into());
            }
            let (socket, mut file) = bind_beside(path)?;
            if let Some(mode) = mode {
                fs::set_permissions(&file.path, Permissions::from_mode(mode))?;
            }
            socket.listen(i32::try_from(backlog).unwrap_or(i32::MAX))?;
            socket.set_nonblocking(true)?;
            // Nobody finds it at its path before it is all that it is to be.
            fs::rename(&file.path, path)?;
            path.clone_into(&mut file.path);
            Ok(Self { socket: socket.into(), file: Arc::new(file) })
        };
        bound()
            .map_err(|error| explain(format!("cannot listen on the Unix socket {}", path.display()), error))
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

/// Binds a name of its own in the same folder. What a killed program has left there is passed by: it may be that of
/// a process in another namespace, with the same number.
fn bind_beside(path: &Path) -> io::Result<(Socket, SocketFile)> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    let mut number = 0;
    loop {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{}-{number}", std::process::id()));
        let name = PathBuf::from(name);
        match socket.bind(&SockAddr::unix(&name)?) {
            Ok(()) => {
                let made = fs::symlink_metadata(&name)?;
                return Ok((socket, SocketFile { path: name, made: Some((made.dev(), made.ino())) }));
            }
            Err(error) if error.kind() == ErrorKind::AddrInUse && number < 100 => number += 1,
            Err(error) => return Err(error),
        }
    }
}

/// Locks the folder against others that do the same, who need it for a moment only. Where that cannot be had, be it that
/// the file system has no locks or that a stranger keeps this one, it is done without.
fn lock_folder_of(path: &Path) -> io::Result<File> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = File::open(folder)?;
    for _ in 0..100 {
        match flock(&folder, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => thread::sleep(Duration::from_millis(10)),
            Ok(()) | Err(_) => break,
        }
    }
    Ok(folder)
}

/// Whether there is nothing, or a socket's file with nobody behind it.
fn is_free(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(file) => Ok(file.file_type().is_socket() && has_nobody_behind(path)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

/// It asks without waiting: whoever has a full backlog is there.
fn has_nobody_behind(path: &Path) -> bool {
    let connect = || {
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        socket.connect(&SockAddr::unix(path)?)
    };
    matches!(connect(), Err(error) if error.kind() == ErrorKind::ConnectionRefused)
}
