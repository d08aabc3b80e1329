//! What a request may call a file.

use crate::percent::decode;
use crate::scratch::Scratch;

/// A name below the folder: segments with a `/` between them, none of which leads anywhere but down.
#[derive(Debug)]
pub(super) struct Name {
    /// Decoded, without a slash at either end; empty for the folder itself.
    pub(super) path: String,
    /// Whether it was written with a slash at its end, as a folder's is.
    pub(super) folder: bool,
}

impl Name {
    /// Reads what of a request's path lies below the folder's prefix: nothing, or a slash and percent-encoded segments.
    pub(super) fn from_target(rest: &str, hidden: bool) -> Option<Self> {
        let scratch = Scratch::default();
        let Some(rest) = rest.strip_prefix('/') else {
            return rest.is_empty().then(|| Self { path: String::new(), folder: false });
        };
        // Decoded one by one: an encoded slash is no separator.
        Self::from_segments(rest, hidden, |segment| decode(segment, &scratch).ok())
    }

    /// Reads a path that is decoded already.
    pub(super) fn from_path(path: &str, hidden: bool) -> Option<Self> {
        Self::from_segments(path, hidden, Some)
    }

    fn from_segments<'t>(
        text: &'t str,
        hidden: bool,
        decoded: impl Fn(&'t str) -> Option<&'t str>,
    ) -> Option<Self> {
        let (text, folder) = match text.strip_suffix('/') {
            Some(text) => (text, true),
            None => (text, text.is_empty()),
        };
        let mut path = String::with_capacity(text.len());
        if text.is_empty() {
            // A slash alone would be an empty segment.
            return folder.then_some(Self { path, folder });
        }
        for (index, segment) in text.split('/').enumerate() {
            let segment = decoded(segment)?;
            let shown = hidden || !segment.starts_with('.') || (index == 0 && segment == WELL_KNOWN);
            if !shown || !is_plain(segment) || (cfg!(windows) && !is_plain_on_windows(segment)) {
                return None;
            }
            if index > 0 {
                path.push('/');
            }
            path.push_str(segment);
        }
        Some(Self { path, folder })
    }

    /// Whether it may be a place inside a page and not a file of its own: its last segment has no dot.
    pub(super) fn may_be_a_page(&self) -> bool {
        !self.path.rsplit('/').next().unwrap_or_default().contains('.')
    }
}

/// Hidden only in name: RFC 8615 puts there what everybody may read.
const WELL_KNOWN: &str = ".well-known";

/// Whether a segment names something in its folder and not the folder, its parent, or something further away.
fn is_plain(segment: &str) -> bool {
    !matches!(segment, "" | "." | "..") && !segment.contains(['/', '\\', '\0'])
}

/// Windows has devices in every folder, streams within files, and drops dots and spaces at an end.
fn is_plain_on_windows(segment: &str) -> bool {
    const DEVICES: &[&str] = &["CON", "PRN", "AUX", "NUL", "COM", "LPT", "CONIN$", "CONOUT$"];
    let stem = segment.split('.').next().unwrap_or_default().trim_end();
    let stem = stem.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '¹' | '²' | '³'));
    !DEVICES.iter().any(|device| device.eq_ignore_ascii_case(stem))
        && !segment.ends_with(['.', ' '])
        && !segment.contains(|c: char| c.is_control() || matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*'))
}

#[cfg(test)]
mod tests {
    use super::is_plain_on_windows;

    #[test]
    fn what_windows_reads_otherwise() {
        for name in
            ["con", "NUL.txt", "aux .css", "COM1", "lpt¹.log", "a.txt::$DATA", "C:a", "a.", "a ", "CONIN$"]
        {
            assert!(!is_plain_on_windows(name), "{name}");
        }
        for name in ["a.txt", "console", "null.js", "grüße", "a b", ".env"] {
            assert!(is_plain_on_windows(name), "{name}");
        }
    }
}
