//! Holds the sources to `docs/ARCHITECTURE.md`: which module may know which, where foreign crates come in, how large
//! a file may grow.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Every module of the crate, and those it may name. Nothing may be named by a module further up this list that it
/// names itself, directly or not: the test checks that, too.
const ARROWS: &[(&str, &[&str])] = &[
    ("__private", &["extract", "middleware", "request", "respond", "response", "routing", "set", "uri"]),
    ("test", &["body", "error", "respond", "response"]),
    ("fs", &["body", "encoding", "error", "percent", "request", "response", "routing", "scratch"]),
    ("health", &["lifecycle", "response", "routing"]),
    ("ws", &["authority", "error", "extract", "lifecycle", "request", "response", "upgrade"]),
    // Transport: knows requests and responses, and nothing of routes.
    ("server", &["connection", "duplex", "error", "lifecycle", "respond", "trust"]),
    ("connection", &["authority", "body", "error", "respond", "response", "upgrade"]),
    // Application: knows no socket.
    ("app", &["body", "error", "middleware", "request", "respond", "response", "routing"]),
    ("set", &["middleware", "request", "response", "routing"]),
    ("middleware", &["body", "encoding", "error", "request", "response", "routing"]),
    (
        "extract",
        &[
            "body",
            "complaint",
            "error",
            "json",
            "lifecycle",
            "octets",
            "percent",
            "request",
            "respond",
            "response",
            "routing",
            "scratch",
            "upgrade",
            "words",
        ],
    ),
    ("routing", &["error", "octets", "percent", "request", "response"]),
    ("request", &["authority", "body", "error", "respond", "scratch", "trust"]),
    // Where both meet.
    ("respond", &["body", "lifecycle", "response", "trust"]),
    ("lifecycle", &[]),
    ("upgrade", &["body", "duplex", "response"]),
    ("response", &["body", "error"]),
    ("body", &["error"]),
    ("encoding", &[]),
    ("error", &[]),
    ("trust", &[]),
    // Tools that know no HTTP.
    ("authority", &[]),
    ("duplex", &[]),
    ("json", &["scratch", "tracked", "words"]),
    ("tracked", &["scratch", "words"]),
    ("octets", &[]),
    ("percent", &["scratch"]),
    ("scratch", &[]),
    ("words", &[]),
    ("complaint", &[]),
    ("uri", &[]),
];

/// Foreign crates with one doorway: the files (or folders) that may name them.
const DOORWAYS: &[(&str, &[&str])] = &[
    ("h2", &["connection/http2.rs"]),
    ("hyper", &["connection/", "body/incoming.rs"]),
    ("hyper_util", &["connection/"]),
    ("matchit", &["routing/lookup.rs"]),
    ("serde_json", &["json.rs", "json/", "test/"]),
    ("simd_json", &["json.rs", "json/"]),
    ("rustix", &["server/", "fs/open.rs", "fs/open/"]),
    ("httpdate", &["fs/validators.rs"]),
    ("mime_guess", &["fs/find.rs"]),
    ("socket2", &["server/listener/tcp.rs", "server/listener/unix.rs"]),
    (
        "tokio",
        &[
            "connection/",
            "server/",
            "duplex.rs",
            "fs/content.rs",
            "fs/directory.rs",
            "lifecycle/",
            "middleware/timeout.rs",
            "upgrade.rs",
            "ws/",
        ],
    ),
    ("rustls", &["server/tls/"]),
    ("tokio_rustls", &["server/tls/"]),
    ("webpki", &["server/tls/"]),
    ("tower_layer", &["middleware/layer.rs", "set.rs", "app/"]),
    ("tower_service", &["middleware/layer.rs", "app/tower.rs"]),
    ("brotli", &["middleware/compression/br.rs"]),
    ("flate2", &["middleware/compression/gzip.rs"]),
    ("percent_encoding", &["percent.rs", "uri.rs", "test/"]),
    (
        "tracing",
        &["app/observe/trace.rs", "app/observe/seen.rs", "response/problem.rs", "connection/", "server/"],
    ),
    ("metrics", &["app/observe/measure.rs"]),
    ("tungstenite", &["ws/"]),
    ("uuid", &["extract/param.rs"]),
];

/// A file past this many lines wears two nouns.
const LONGEST: usize = 420;

#[test]
fn modules_know_only_what_they_may() {
    let allowed: BTreeMap<_, BTreeSet<_>> =
        ARROWS.iter().map(|(module, may)| (*module, may.iter().copied().collect())).collect();
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for source in sources() {
        let module = source.module();
        let Some(may) = allowed.get(module.as_str()) else {
            if module != "lib" {
                faults.push(format!("{}: module `{module}` is not in the table of arrows", source.name));
            }
            continue;
        };
        for named in source.crate_paths() {
            if named == module || !allowed.contains_key(named.as_str()) {
                continue;
            }
            seen.insert((module.clone(), named.clone()));
            if !may.contains(named.as_str()) {
                faults.push(format!("{}: `{module}` must not know `{named}`", source.name));
            }
        }
    }
    for (module, may) in ARROWS {
        for named in *may {
            if !seen.contains(&((*module).to_owned(), (*named).to_owned())) {
                faults.push(format!("the table allows `{module}` → `{named}`, which no source uses"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn arrows_run_in_no_circle() {
    let arrows: BTreeMap<_, _> = ARROWS.iter().copied().collect();
    for (start, _) in ARROWS {
        let mut reached = BTreeSet::new();
        let mut next: Vec<&str> = arrows[start].to_vec();
        while let Some(module) = next.pop() {
            assert_ne!(module, *start, "`{start}` can reach itself");
            if reached.insert(module) {
                next.extend(arrows.get(module).copied().unwrap_or_default());
            }
        }
    }
}

#[test]
fn foreign_crates_come_in_by_their_doorways() {
    let mut faults = Vec::new();
    for source in sources() {
        for (krate, doorways) in DOORWAYS {
            let here = doorways
                .iter()
                .any(|door| source.name == *door || door.ends_with('/') && source.name.starts_with(door));
            if !here && source.names_crate(krate) {
                faults.push(format!("{} names `{krate}`", source.name));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A macro crate cannot depend on the core, so it carries a copy of what both must judge alike.
#[test]
fn the_macros_read_patterns_as_the_core_does() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let core = fs::read_to_string(root.join("src/routing/pattern.rs")).unwrap();
    let macros = fs::read_to_string(root.join("../server-macros/src/pattern/path.rs")).unwrap();
    assert_eq!(
        core, macros,
        "copy server-core/src/routing/pattern.rs over server-macros/src/pattern/path.rs"
    );
}

#[test]
fn files_wear_one_noun() {
    let long: Vec<_> = sources()
        .into_iter()
        .filter(|source| source.code_lines() > LONGEST)
        .map(|source| format!("{}: {} lines", source.name, source.code_lines()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

struct Source {
    /// Below `src/`, with `/` between folders.
    name: String,
    /// Without comments, string contents kept, up to the unit tests at the end.
    code: String,
}

impl Source {
    fn module(&self) -> String {
        let first = self.name.split('/').next().unwrap();
        first.trim_end_matches(".rs").to_owned()
    }

    fn code_lines(&self) -> usize {
        self.code.lines().filter(|line| !line.trim().is_empty()).count()
    }

    /// The first segment after every `crate::`, those in braces one by one.
    fn crate_paths(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (at, _) in self.code.match_indices("crate::") {
            // `$crate::` in an exported macro names what users see.
            if self.code[..at].ends_with('$') {
                continue;
            }
            let rest = &self.code[at + "crate::".len()..];
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            assert!(!rest.starts_with('{'), "{}: `use crate::{{..}}` hides arrows from this test", self.name);
            found.push(name);
        }
        found
    }

    fn names_crate(&self, krate: &str) -> bool {
        self.code.match_indices(&format!("{krate}::")).any(|(at, _)| {
            let before = self.code[..at].chars().next_back().unwrap_or(' ');
            !(before.is_alphanumeric() || before == '_' || before == ':')
        })
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.file_stem().is_some_and(|stem| stem == "tests" || stem == "properties") {
                continue; // unit tests may name what they hold the code against
            } else if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
                found.push(Source { name, code: code_of(&text) });
            }
        }
    }
    assert!(found.len() > 40, "the sources were not found");
    found
}

fn code_of(text: &str) -> String {
    let code = text.split("\n#[cfg(test)]\nmod tests").next().unwrap_or(text);
    let lines = code.lines().map(|line| match line.trim_start().starts_with("//") {
        true => "",
        false => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}
