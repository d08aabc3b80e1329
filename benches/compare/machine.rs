//! On what it was measured, and with what.

use std::process::{Command, Stdio};

use crate::contenders::{Contender, Places};
use crate::load::is_there;
use crate::measure::Setting;
use crate::processors;

/// A list in markdown.
pub(crate) fn describe(setting: &Setting, contenders: &[&'static Contender]) -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": ?");
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let processors = cpu.lines().filter(|line| line.starts_with("processor")).count();
    let pinned = match processors::apart() {
        true => "the server on one processor, the load on another",
        false => "server and load share a processor",
    };
    let tools = [("rustc", "-V"), ("wrk", "-v"), ("h2load", "--version"), ("valgrind", "--version")];
    let tools: Vec<String> = tools.into_iter().filter_map(|(tool, flag)| version(tool, flag)).collect();
    let routes = if setting.extra { "205 routes" } else { "five routes" };
    let profile = match setting.built {
        true => "as built before",
        false => "release profile with `lto = \"fat\"` and one codegen unit",
    };
    let rounds = match setting.rounds {
        0 => "without rounds of load".to_owned(),
        rounds => format!("{rounds} rounds of {} s, interleaved; medians", setting.seconds),
    };
    format!(
        "- machine: {}, {processors} processors; Linux {}; {pinned}; load average when it began {}\n\
         - tools: {}\n\
         - servers: {}; {routes}; one thread that serves; {profile}; default allocator\n\
         - {rounds}\n\
         - Waypost with all its limits and deadlines armed, room for 100,000 connections, from one client, too; all others with their defaults\n",
        model.trim_start_matches([' ', '\t', ':']),
        kernel.trim(),
        load.split(' ').next().unwrap_or("?"),
        tools.join(", "),
        versions(&setting.places, contenders),
    )
}

/// Each library once.
fn versions(places: &Places, contenders: &[&'static Contender]) -> String {
    let mut versions: Vec<String> = Vec::new();
    for contender in contenders {
        let version = format!("{} {}", contender.library, contender.version(places));
        if !versions.contains(&version) {
            versions.push(version);
        }
    }
    versions.join(", ")
}

/// A tool's first words about itself, if it is there.
pub(crate) fn version(tool: &str, flag: &str) -> Option<String> {
    if !is_there(tool) {
        return None;
    }
    let output = Command::new(tool).arg(flag).stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let words: Vec<&str> = text.lines().next()?.split_whitespace().take(2).collect();
    Some(words.join(" "))
}
