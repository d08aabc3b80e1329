//! Linux itself can be asked to open nothing outside a folder (`openat2`, since 5.6): whatever is renamed or linked
//! meanwhile.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags, openat, openat2, statat};
use rustix::io::Errno;

use super::{Entry, judged};

pub(super) struct Handle(OwnedFd);

impl Handle {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(openat(CWD, path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?))
    }

    /// `None` where the system does not know the call, or a sandbox does not allow it.
    pub(super) fn entry(&self, name: &str, follow: bool) -> Option<io::Result<Entry>> {
        // A device may do something when it is opened, so it is not. (One behind a link is opened, without waiting, and closed
        // again: whoever can make it can do worse.)
        match statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            // Whether something is behind a link that leads out is not told: the call below knows of it, this one does not.
            Err(Errno::ACCESS) => {}
            Err(error) => return Some(Err(error.into())),
            Ok(stat) => match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile | FileType::Symlink => {}
                FileType::Directory => return Some(Ok(Entry::Folder)),
                _ => return Some(Ok(Entry::Nothing)),
            },
        }
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        let resolve = match follow {
            true => ResolveFlags::NO_MAGICLINKS,
            false => ResolveFlags::NO_MAGICLINKS | ResolveFlags::BENEATH,
        };
        // The system gives up when something is renamed just then, so as not to be led astray.
        let mut opened = Err(Errno::AGAIN);
        for _ in 0..8 {
            opened = openat2(&self.0, name, flags, Mode::empty(), resolve);
            if !matches!(opened, Err(Errno::AGAIN | Errno::INTR)) {
                break;
            }
        }
        match opened {
            Err(Errno::NOSYS | Errno::PERM) => None,
            Err(error) => Some(Err(error.into())),
            Ok(file) => Some(judged(File::from(file))),
        }
    }
}
