//! Clients of others, where they are installed: nghttp and h2load of nghttp2.

use std::process::Command;

use crate::victim::{Deadlines, Victim};

/// What the program prints, unless there is none.
fn run(program: &str, arguments: &[&str]) -> Option<String> {
    match Command::new(program).args(arguments).output() {
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success(), "{program}: {text}");
            Some(text)
        }
        Err(_) => {
            println!("{program} is not installed: not run");
            None
        }
    }
}

#[test]
fn h2load_is_answered_in_full() {
    let victim = Victim::start(Deadlines::Default);
    for (path, count) in [("/hello", "2000"), ("/mebibyte", "50")] {
        let url = format!("http://{}{path}", victim.address);
        if let Some(text) = run("h2load", &["-n", count, "-c", "4", "-m", "50", &url]) {
            assert!(text.contains(&format!("status codes: {count} 2xx")), "{text}");
        }
    }
}

#[test]
fn nghttp_is_answered() {
    let victim = Victim::start(Deadlines::Default);
    let url = |path: &str| format!("http://{}{path}", victim.address);
    // Padded frames, priorities, many requests at once, small windows; then an upgrade from HTTP/1.1, which is declined.
    let runs: &[(&[&str], &str)] = &[
        (&["-v"], "/hello"),
        (&["-v", "-b", "100"], "/hello"),
        (&["-v", "-m", "50"], "/hello"),
        (&["-v", "-p", "42"], "/hello"),
        (&["-v", "-w", "10", "-W", "10", "-n"], "/mebibyte"),
        (&["-v", "--header-table-size=0"], "/hello"),
        (&["-v", "-H", "expect: 100-continue"], "/hello"),
        (&["-v", "--max-concurrent-streams=1", "-m", "5"], "/hello"),
    ];
    for (options, path) in runs {
        let url = url(path);
        let arguments = [options, &[&*url][..]].concat();
        let Some(text) = run("nghttp", &arguments) else { return };
        assert!(text.contains(":status: 200"), "{options:?}: {text}");
        assert!(!text.contains("RST_STREAM"), "{options:?}: {text}");
    }
}
