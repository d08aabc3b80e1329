//! From a name to the file that answers for it. All of it blocks.

use std::fs::{File, Metadata};

use super::directory::Settings;
use super::name::Name;
use super::open::{Entry, Root};
use crate::encoding::{Accepted, Coding};
use crate::error::Error;

/// What answers for a name.
#[derive(Debug)]
pub(super) enum Found {
    File(Opened),
    /// A folder with an index, whose name lacks the slash that links within the index are relative to.
    Slashless,
}

/// A file that may be sent.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) file: File,
    pub(super) metadata: Metadata,
    /// How what is in it is compressed.
    pub(super) coding: Option<Coding>,
    /// Of what it is when it is not.
    pub(super) media_type: &'static str,
}

/// # Errors
///
/// 404 where nothing is, 403 where this process may not read, 500 where the folder itself is missing.
pub(super) fn find(settings: &Settings, name: &Name, accepted: Accepted) -> Result<Found, Error> {
    let root = Root::open(&settings.root, settings.follow)?;
    let found = match among(&root, settings, name, accepted)? {
        None if name.may_be_a_page() => match &settings.fallback {
            Some(page) => file(&root, page, accepted)?.map(Found::File),
            None => None,
        },
        found => found,
    };
    found.ok_or_else(Error::not_found)
}

fn among(
    root: &Root<'_>,
    settings: &Settings,
    name: &Name,
    accepted: Accepted,
) -> Result<Option<Found>, Error> {
    if !name.folder && !name.path.is_empty() {
        match root.entry(&name.path)? {
            Entry::File(opened, metadata) => {
                return Ok(Some(Found::File(best(root, &name.path, opened, metadata, accepted))));
            }
            Entry::Nothing => return Ok(None),
            Entry::Folder => {}
        }
    }
    let Some(index) = &settings.index else { return Ok(None) };
    let path = match &*name.path {
        "" => index.clone(),
        folder => format!("{folder}/{index}"),
    };
    let index = file(root, &path, accepted)?;
    Ok(index.map(|index| if name.folder { Found::File(index) } else { Found::Slashless }))
}

fn file(root: &Root<'_>, path: &str, accepted: Accepted) -> Result<Option<Opened>, Error> {
    Ok(match root.entry(path)? {
        Entry::File(file, metadata) => Some(best(root, path, file, metadata, accepted)),
        Entry::Folder | Entry::Nothing => None,
    })
}

/// The file, or a compressed one that lies beside it.
fn best(root: &Root<'_>, path: &str, file: File, metadata: Metadata, accepted: Accepted) -> Opened {
    let media_type = media_type(path);
    for coding in accepted.preferred(FORMS) {
        // If it cannot be had, there is the file itself.
        if let Ok(Entry::File(file, metadata)) = root.entry(&format!("{path}.{}", extension(coding))) {
            return Opened { file, metadata, coding: Some(coding), media_type };
        }
    }
    Opened { file, metadata, coding: None, media_type }
}

/// The smallest first, as they usually are.
const FORMS: [Coding; 3] = [Coding::Brotli, Coding::Zstd, Coding::Gzip];

/// What a compressed file's name ends with.
fn extension(coding: Coding) -> &'static str {
    match coding {
        Coding::Zstd => "zst",
        Coding::Gzip => "gz",
        Coding::Brotli | Coding::Identity => coding.name(),
    }
}

fn media_type(path: &str) -> &'static str {
    match mime_guess::from_path(path).first_raw() {
        None => "application/octet-stream",
        // RFC 9239 has one name for it.
        Some("application/javascript") => "text/javascript",
        Some(known) => known,
    }
}
