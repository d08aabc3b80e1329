//! Load by wrk over HTTP/1 and by h2load over HTTP/2, and what they say of it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::Failure;
use crate::workloads::{Protocol, Workload};

/// What came of some seconds of load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Load {
    pub requests: u64,
    pub seconds: f64,
    /// Times to an answer, in microseconds: what half of them stayed below, and so on.
    pub p50: f64,
    pub p99: f64,
    pub p999: f64,
}

/// The program that makes the load, and the Debian package it is in.
pub(crate) fn tool(workload: &Workload) -> (&'static str, &'static str) {
    if workload.is_http2() { ("h2load", "nghttp2-client") } else { ("wrk", "wrk") }
}

/// Whether a program is on the PATH.
pub(crate) fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// A folder for what the tools read and write; it goes with this value.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Result<Self, Failure> {
        let folder = std::env::temp_dir().join(format!("waypost-compare-{}", std::process::id()));
        std::fs::create_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Self(folder))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Sends requests for so many seconds.
pub(crate) fn load(
    address: SocketAddr,
    workload: &Workload,
    seconds: u32,
    scratch: &Scratch,
) -> Result<Load, Failure> {
    let (target, body) = (workload.target, scratch.path("body"));
    if workload.order {
        std::fs::write(&body, workload.body())?;
    }
    match workload.protocol {
        Protocol::Http1 { connections, depth } => {
            let script = scratch.path("wrk.lua");
            std::fs::write(&script, wrk_script(workload, connections, depth))?;
            let output = Command::new("wrk")
                .args(["-t1", &format!("-c{connections}"), &format!("-d{seconds}"), "-s"])
                .arg(&script)
                .arg(format!("http://{address}{target}"))
                .output();
            read_wrk(&text("wrk", output)?, connections, depth)
        }
        Protocol::Http2 { connections, streams } => {
            let log = scratch.path("h2load.log");
            let _ = std::fs::remove_file(&log);
            let mut command = Command::new("h2load");
            command.args([
                "-t1",
                &format!("-c{connections}"),
                &format!("-m{streams}"),
                &format!("-D{seconds}"),
            ]);
            if workload.order {
                command.arg("-d").arg(&body).arg("-Hcontent-type: application/json");
            }
            let output =
                command.arg("--log-file").arg(&log).arg(format!("http://{address}{target}")).output();
            read_h2load(&text("h2load", output)?, f64::from(seconds), &read(&log)?)
        }
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

fn text(program: &str, output: std::io::Result<Output>) -> Result<String, Failure> {
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        Ok(text)
    } else {
        Err(format!("{program} failed: {}{text}", String::from_utf8_lossy(&output.stderr)).into())
    }
}

/// The request, and what is said at the end.
fn wrk_script(workload: &Workload, connections: u32, depth: u32) -> String {
    let mut script = format!("wrk.method = {:?}\nlocal connections = {connections}\n", workload.method);
    if workload.order {
        let body = workload.body();
        script += &format!("wrk.headers[\"Content-Type\"] = \"application/json\"\nwrk.body = {body:?}\n");
    }
    if depth > 1 {
        script += &format!(
            "local requests\n\
             init = function() requests = string.rep(wrk.format(), {depth}) end\n\
             request = function() return requests end\n"
        );
    }
    script + include_str!("wrk.lua")
}

fn read_wrk(output: &str, connections: u32, depth: u32) -> Result<Load, Failure> {
    let line = output.lines().find_map(|line| line.strip_prefix("measured "));
    let line = line.ok_or_else(|| format!("wrk did not say what it measured: {output}"))?;
    let field = |name: &str| -> Result<f64, Failure> {
        let value =
            line.split(' ').filter_map(|field| field.split_once('=')).find(|(field, _)| *field == name);
        let (_, value) = value.ok_or_else(|| format!("no {name} in {line:?}"))?;
        Ok(value.parse()?)
    };
    let (requests, broken, refused) = (field("requests")?, field("broken")?, field("refused")?);
    if requests == 0.0 || broken + refused > 0.0 {
        return Err(format!("{requests} requests, {broken} errors, {refused} answers not 2xx").into());
    }
    // One time for all that were sent together, save for what was on its way at the end: or they are not what was measured.
    let sent = requests / f64::from(depth);
    if (field("times")? - sent).abs() > f64::from(connections) {
        return Err(format!("wrk has not as many times as there were requests: {line}").into());
    }
    // None if it had fewer requests than connections.
    let time = |name: &str| field(name).map(|time| if time > 0.0 { time } else { f64::NAN });
    Ok(Load {
        requests: requests as u64,
        seconds: field("microseconds")? / 1e6,
        p50: time("p50")?,
        p99: time("p99")?,
        p999: time("p999")?,
    })
}

/// h2load's own percentiles are not in all its versions: they are taken from its log, a line for each request with its
/// start, its status and its microseconds.
fn read_h2load(output: &str, seconds: f64, log: &str) -> Result<Load, Failure> {
    let line = output.lines().find_map(|line| line.strip_prefix("requests: "));
    let line = line.ok_or_else(|| format!("h2load did not say what it measured: {output}"))?;
    let count = |what: &str| -> Result<u64, Failure> {
        let count =
            line.split(", ").find_map(|part| part.strip_suffix(what)).and_then(|count| count.parse().ok());
        count.ok_or_else(|| format!("no count of{what} in {line:?}").into())
    };
    let (requests, failed, errors) = (count(" succeeded")?, count(" failed")?, count(" errored")?);
    if requests == 0 || failed + errors > 0 {
        return Err(format!("{requests} requests, {failed} failed, {errors} errors").into());
    }
    let mut times: Vec<f64> = log.lines().filter_map(|line| line.split('\t').nth(2)?.parse().ok()).collect();
    times.sort_by(f64::total_cmp);
    let below = |share: f64| match times.len() {
        0 => Err("h2load's log is empty"),
        length => Ok(times[((length as f64 * share) as usize).min(length - 1)]),
    };
    Ok(Load { requests, seconds, p50: below(0.5)?, p99: below(0.99)?, p999: below(0.999)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workloads::WORKLOADS;

    fn wrk(measured: &str) -> Result<Load, Failure> {
        read_wrk(
            &format!(
                "Running 1s test @ http://127.0.0.1:41215/hello\n  1 threads and 8 connections\n  Thread Stats   Avg      \
             Stdev     Max   +/- Stdev\n    Latency   106.54us  330.98us   4.28ms   97.16%\n    Req/Sec   113.34k     \
             4.10k  119.41k    70.00%\n  112972 requests in 1.00s, 14.01MB read\nRequests/sec: 112627.81\nTransfer/sec:     \
             13.96MB\n{measured}\n"
            ),
            64,
            1,
        )
    }

    const MEASURED: &str = "measured requests=112972 times=112970 microseconds=1003056 p50=55 p99=2087 p999=3715 broken=0 refused=0";

    #[test]
    fn what_wrk_says_is_read() {
        let load = wrk(MEASURED).unwrap();
        assert_eq!(load, Load { requests: 112_972, seconds: 1.003056, p50: 55.0, p99: 2087.0, p999: 3715.0 });
    }

    #[test]
    fn a_time_that_wrk_does_not_have_is_none() {
        let load = wrk(&MEASURED.replace("p999=3715", "p999=0")).unwrap();
        assert!(load.p999.is_nan() && load.p99 == 2087.0);
    }

    #[test]
    fn a_load_with_errors_is_none() {
        for measured in [
            &MEASURED.replace("broken=0", "broken=3"),
            &MEASURED.replace("refused=0", "refused=112972"),
            &MEASURED.replace("=112972", "=0"),
            &MEASURED.replace("times=112970", "times=1500000"),
            &MEASURED.replace(" p999=3715", ""),
            &MEASURED.replace("measured", "unmeasured"),
        ] {
            assert!(wrk(measured).is_err(), "{measured}");
        }
    }

    const H2LOAD: &str = "starting benchmark...\nApplication protocol: h2c\n\nfinished in 1.00s, 122160.00 req/s, 4.54MB/s\n\
        requests: 122160 total, 122200 started, 122160 done, 122160 succeeded, 0 failed, 0 errored, 0 timeout\n\
        status codes: 122160 2xx, 0 3xx, 0 4xx, 0 5xx\n";

    #[test]
    fn what_h2load_says_is_read_and_percentiles_are_taken_from_its_log() {
        let log: String = (1..=1000).rev().map(|n| format!("1795285263949813\t200\t{n}\n")).collect();
        let load = read_h2load(H2LOAD, 2.0, &log).unwrap();
        assert_eq!(load, Load { requests: 122_160, seconds: 2.0, p50: 501.0, p99: 991.0, p999: 1000.0 });
    }

    #[test]
    fn a_server_that_does_not_speak_http2_is_an_error() {
        let none = "requests: 0 total, 0 started, 0 done, 0 succeeded, 0 failed, 0 errored, 0 timeout\n";
        let refused =
            "requests: 100 total, 100 started, 100 done, 0 succeeded, 100 failed, 0 errored, 0 timeout\n";
        for output in [none, refused, "", &H2LOAD.replace("0 errored", "1 errored")] {
            assert!(read_h2load(output, 1.0, "1\t200\t5\n").is_err(), "{output}");
        }
        assert!(read_h2load(H2LOAD, 1.0, "").is_err());
    }

    #[test]
    fn scripts_pipeline_and_have_a_body_where_the_workload_does() {
        let script = |key: &str, depth| {
            wrk_script(WORKLOADS.iter().find(|workload| workload.key == key).unwrap(), 64, depth)
        };
        assert!(!script("plaintext", 1).contains("request ="));
        assert!(script("pipelined", 16).contains("string.rep(wrk.format(), 16)"));
        assert!(script("json-in", 1).contains(r#"wrk.body = "{\"lines\":["#));
    }
}
