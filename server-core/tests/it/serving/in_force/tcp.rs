//! Options of sockets.

use socket2::SockRef;

use super::*;

/// A socket that was bound elsewhere, seen by whoever bound it: the options are those of all who hold it. On Linux every
/// connection begins with them.
#[tokio::test]
async fn of_all_connections() {
    for (text, nodelay, keep_alive) in [
        (r#"{ "tcp": { "nodelay": true, "keep_alive": "1000s" } }"#, true, Some(1000)),
        (r#"{ "tcp": { "nodelay": false, "keep_alive": "never" } }"#, false, None),
        (r#"{ "tcp": { "nodelay": false, "keep_alive": null } }"#, false, None),
        ("{}", true, Some(60)),
    ] {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let server = settings(text).tcp_socket(socket.try_clone().unwrap()).bind().unwrap();
        let options = SockRef::from(&socket);
        assert_eq!(options.tcp_nodelay().unwrap(), nodelay, "{text}");
        assert_eq!(options.keepalive().unwrap(), keep_alive.is_some(), "{text}");
        #[cfg(any(target_os = "linux", target_os = "freebsd", target_os = "macos"))]
        if let Some(seconds) = keep_alive {
            assert_eq!(options.tcp_keepalive_time().unwrap(), Duration::from_secs(seconds), "{text}");
            assert_eq!(options.tcp_keepalive_interval().unwrap(), Duration::from_secs(seconds / 4), "{text}");
        }
        drop(server);
    }
}

/// What the system says of the server's end of a connection: which timer runs, and in how many hundredths of a second it
/// is over (`Documentation/networking/proc_net_tcp.rst`).
#[cfg(target_os = "linux")]
fn timer(server: SocketAddr, client: SocketAddr) -> (u8, u64) {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let [server, client] = [server, client].map(|address| format!(":{:04X}", address.port()));
    let ours = table.lines().map(str::split_whitespace).map(Iterator::collect::<Vec<_>>);
    let ours = ours.skip(1).find(|line| line[1].ends_with(&server) && line[2].ends_with(&client)).unwrap();
    let (timer, left) = ours[5].split_once(':').unwrap();
    (u8::from_str_radix(timer, 16).unwrap(), u64::from_str_radix(left, 16).unwrap())
}

/// Whoever is silent for so long is probed by the system: its timer runs on the connection.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn silence_is_probed() {
    const PROBES: u8 = 2;
    let handle = spawn_set(r#"{ "tcp": { "keep_alive": "1000s" } }"#);
    let wire = idle(&handle).await;
    let (mut kind, mut left) = (0, 0);
    // Another timer runs until what was sent is acknowledged.
    until(|| {
        (kind, left) = timer(port(&handle), wire.stream.local_addr().unwrap());
        kind == PROBES
    })
    .await;
    assert!((90_000..=100_000).contains(&left), "in {left}/100 s");

    let handle = spawn_set(r#"{ "tcp": { "keep_alive": null } }"#);
    let wire = idle(&handle).await;
    until(|| timer(port(&handle), wire.stream.local_addr().unwrap()).0 == 0).await;
}

/// Linux keeps one more than it is told to; who comes then tries again, a second later for the first time.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn so_many_wait_to_be_accepted() {
    let handle = spawn_set(r#"{ "tcp": { "backlog": 3 }, "limits": { "connections": 1 } }"#);
    let first = idle(&handle).await;
    // Accepted, and waits for room.
    let mut accepted = connect(&handle).await;
    accepted.send(GET).await;
    until(|| first.stream.peer_addr().is_ok() && queued(port(&handle)) == 0).await;
    let mut waiting = Vec::new();
    for _ in 0..4 {
        waiting.push(soon(connect(&handle)).await);
    }
    assert_eq!(queued(port(&handle)), 4);
    let early = tokio::time::timeout(Duration::from_millis(200), connect(&handle)).await;
    assert!(early.is_err(), "there was room for a fifth");
    assert_eq!(queued(port(&handle)), 4);
}

/// How many wait to be accepted.
#[cfg(target_os = "linux")]
fn queued(server: SocketAddr) -> u32 {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let server = format!(":{:04X}", server.port());
    let lines = table.lines().map(str::split_whitespace).map(Iterator::collect::<Vec<_>>);
    let listening = lines.skip(1).find(|line| line[1].ends_with(&server) && line[3] == "0A").unwrap();
    u32::from_str_radix(listening[4].split_once(':').unwrap().1, 16).unwrap()
}

/// A socket for every address of IPv6 takes those of IPv4, too, unless it is told not to.
#[tokio::test]
async fn both_families() {
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        return; // This machine has no IPv6.
    }
    for (only_v6, is_taken) in [(false, true), (true, false)] {
        let server = settings(&format!(r#"{{ "tcp": {{ "only_v6": {only_v6} }} }}"#));
        let handle = server.tcp("[::]:0").bind().unwrap().spawn(Site::default()).unwrap();
        let port = port(&handle).port();
        assert!(TcpStream::connect(("::1", port)).await.is_ok());
        assert_eq!(TcpStream::connect(("127.0.0.1", port)).await.is_ok(), is_taken, "only_v6: {only_v6}");
    }
}

/// Both have to be willing; what is left when one goes is served.
#[cfg(unix)]
#[tokio::test]
async fn a_port_is_shared() {
    let bind = |is_shared: bool, address: SocketAddr| {
        settings(&format!(r#"{{ "tcp": {{ "reuse_port": {is_shared} }} }}"#)).tcp(address).bind()
    };
    for (one, other) in [(true, true), (true, false), (false, true), (false, false)] {
        let first = bind(one, ([127, 0, 0, 1], 0).into()).unwrap();
        let second = bind(other, first.addr().tcp().unwrap());
        assert_eq!(second.is_ok(), one && other, "{one} and {other}");
        if let Ok(second) = second {
            drop(first);
            idle(&second.spawn(Site::default()).unwrap()).await;
        }
    }
}
