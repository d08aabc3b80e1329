//! Opening what a name stands for. All of it blocks.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

use crate::error::Error;

#[cfg(any(target_os = "linux", target_os = "android"))]
mod beneath;
mod resolved;

/// What a name stands for.
#[derive(Debug)]
pub(super) enum Entry {
    File(File, Metadata),
    Folder,
    /// Nothing, or nothing to be served: a pipe, a device, a socket, a link that leads out.
    Nothing,
}

/// The folder, as it is at this moment.
pub(super) struct Root<'s> {
    path: &'s Path,
    /// Whether links may lead out of it.
    follow: bool,
    #[cfg(any(target_os = "linux", target_os = "android"))]
    handle: beneath::Handle,
}

impl<'s> Root<'s> {
    pub(super) fn open(path: &'s Path, follow: bool) -> Result<Self, Error> {
        Self::try_open(path, follow).map_err(|error| {
            let what = format!("the folder `{}`: {error}", path.display());
            Error::internal(io::Error::new(error.kind(), what))
        })
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn try_open(path: &'s Path, follow: bool) -> io::Result<Self> {
        Ok(Self { path, follow, handle: beneath::Handle::open(path)? })
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn try_open(path: &'s Path, follow: bool) -> io::Result<Self> {
        std::fs::read_dir(path)?;
        Ok(Self { path, follow })
    }

    /// What `name` stands for: a path made of a [`Name`](super::name::Name), or of the application's own words.
    ///
    /// # Errors
    ///
    /// 403 for what this process may not read, 500 for a fault of the file system.
    pub(super) fn entry(&self, name: &str) -> Result<Entry, Error> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let entry = match self.handle.entry(name, self.follow) {
            Some(entry) => entry,
            None => resolved::entry(self.path, name, self.follow),
        };
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        let entry = resolved::entry(self.path, name, self.follow);
        entry.or_else(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename => {
                Ok(Entry::Nothing)
            }
            io::ErrorKind::PermissionDenied => Err(Error::forbidden().source(error)),
            _ if leads_nowhere(&error) => Ok(Entry::Nothing),
            _ => Err(Error::internal(error)),
        })
    }
}

/// A link that leads to itself, or out of the folder, and a socket.
#[cfg(unix)]
fn leads_nowhere(error: &io::Error) -> bool {
    use rustix::io::Errno;

    Errno::from_io_error(error).is_some_and(|errno| matches!(errno, Errno::LOOP | Errno::XDEV | Errno::NXIO))
}

#[cfg(not(unix))]
fn leads_nowhere(_: &io::Error) -> bool {
    false
}

/// An open file, unless it turns out to be none.
fn judged(file: File) -> io::Result<Entry> {
    let metadata = file.metadata()?;
    Ok(match metadata.file_type() {
        kind if kind.is_file() => Entry::File(file, metadata),
        kind if kind.is_dir() => Entry::Folder,
        _ => Entry::Nothing,
    })
}

#[cfg(all(test, unix))]
mod tests;
