//! The server that is attacked, and the neighbour who must not notice.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

/// What a server may grow by under any one attack, in KiB. A connection may hold, by its limits, 1 MiB of bodies that
/// nobody has read and for each of 200 streams 16 KiB of a head and 64 KiB of a response: 17 MiB in all. No attack comes
/// near to all of it at once; the rest is room for what the allocator keeps.
const BOUND: u64 = 16 * 1024;

#[derive(Clone, Copy)]
pub(crate) enum Deadlines {
    Default,
    /// A second or half of it each.
    Short,
}

pub(crate) struct Victim {
    child: Child,
    pub address: SocketAddr,
}

impl Victim {
    pub(crate) fn start(deadlines: Deadlines) -> Self {
        let name = match deadlines {
            Deadlines::Default => "victim",
            Deadlines::Short => "victim-short",
        };
        let mut child = Command::new(env!("CARGO_BIN_EXE_serve"))
            .arg(name)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, address: line.trim().parse().unwrap() }
    }

    /// KiB now and at most.
    fn memory(&self) -> (u64, u64) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let of = |name: &str| -> u64 {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap()
        };
        (of("VmRSS:"), of("VmHWM:"))
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A client that asks for little, every few milliseconds, on a connection of its own.
struct Neighbour(TcpStream);

impl Neighbour {
    fn new(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        Self(stream)
    }

    fn ask(&mut self) -> Duration {
        let begun = Instant::now();
        self.0.write_all(b"GET /hello HTTP/1.1\r\nhost: a\r\n\r\n").expect("the neighbour may send");
        let (mut answer, mut room) = (Vec::new(), [0; 1024]);
        while !answer.ends_with(b"Hello, World!") {
            let length = self.0.read(&mut room).expect("the neighbour is answered");
            assert!(length > 0, "the neighbour was sent away");
            answer.extend(&room[..length]);
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 "), "the neighbour was refused");
        begun.elapsed()
    }
}

/// How long an attack goes on at least: who is cut off comes back.
const AT_LEAST: Duration = Duration::from_millis(300);

/// Starts a server, attacks it, and prints a line of the table: how each attempt ended, their number and the time of all,
/// what the server grew by, how often the neighbour asked and how long it had to wait at most. `act` makes an attempt and
/// says how it ended.
#[track_caller]
pub(crate) fn attack(name: &str, deadlines: Deadlines, act: impl Fn(SocketAddr) -> String) {
    let victim = Victim::start(deadlines);
    // What the first requests allocate is not the attack's. Both protocols, so that both are paged in.
    for _ in 0..20 {
        Neighbour::new(victim.address).ask();
    }
    let mut client = crate::client::Client::http2(victim.address);
    client.send(&crate::wire::get(1, "/hello"));
    assert_eq!(client.wait(|seen| !seen.statuses.is_empty()).statuses, [(1, 200)]);
    drop(client);

    let (before, _) = victim.memory();
    let over = AtomicBool::new(false);
    let begun = Instant::now();
    let (outcome, times, time, (asked, worst)) = thread::scope(|scope| {
        let neighbour = scope.spawn(|| {
            let mut neighbour = Neighbour::new(victim.address);
            let (mut asked, mut worst) = (0, Duration::ZERO);
            while !over.load(SeqCst) || asked == 0 {
                worst = worst.max(neighbour.ask());
                asked += 1;
                thread::sleep(Duration::from_millis(3));
            }
            (asked, worst)
        });
        // Also when the attack's assertions fail.
        let _over = SetOnDrop(&over);
        let (mut outcome, mut times) = (act(victim.address), 1);
        while begun.elapsed() < AT_LEAST {
            outcome = act(victim.address);
            times += 1;
        }
        let time = begun.elapsed();
        over.store(true, SeqCst);
        (outcome, times, time, neighbour.join().unwrap())
    });
    let (_, peak) = victim.memory();
    let growth = peak.saturating_sub(before);
    println!(
        "| {name} | {outcome} | {times} in {:.1} s | {:.1} MiB | {:.1} ms of {asked} |",
        time.as_secs_f64(),
        growth as f64 / 1024.0,
        worst.as_secs_f64() * 1000.0,
    );
    assert!(growth <= BOUND, "{name}: grew by {growth} KiB, to {peak}");
    Neighbour::new(victim.address).ask();
}

struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}
