//! Everywhere else the links of a path are resolved first and the outcome is looked at. Who can change the folder in
//! between is not kept from leading out of it.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

use super::{Entry, judged};

pub(super) fn entry(root: &Path, name: &str, follow: bool) -> io::Result<Entry> {
    let mut path = root.join(name);
    if !follow {
        path = path.canonicalize()?;
        if !path.starts_with(root.canonicalize()?) {
            return Ok(Entry::Nothing);
        }
    }
    let kind = fs::metadata(&path)?.file_type();
    if kind.is_dir() {
        return Ok(Entry::Folder);
    } else if !kind.is_file() {
        return Ok(Entry::Nothing);
    }
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt as _;

        // It may have become a pipe since.
        options.custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed());
    }
    judged(options.open(path)?)
}
