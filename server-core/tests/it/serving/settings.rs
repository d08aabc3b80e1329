//! Settings: read, written, checked and in force.

use super::*;

#[test]
fn are_read_and_written() {
    let mut config = Config::default();
    config.limits.connections_per_client = None;
    config.timeouts.handler = Some(Duration::from_millis(1500));
    config.timeouts.keep_alive = Duration::MAX;
    config.workers.threads = 2.try_into().ok();
    let text = serde_json::to_string(&config).unwrap();
    assert!(text.contains(r#""handler":"1500ms""#) && text.contains(r#""keep_alive":"never""#), "{text}");
    assert_eq!(serde_json::from_str::<Config>(&text).unwrap(), config);
}

#[test]
fn have_defaults_and_no_others() {
    assert_eq!(serde_json::from_str::<Config>("{}").unwrap(), Config::default());
    for (text, fault) in [
        (r#"{"limit":{}}"#, "unknown field `limit`"),
        (r#"{"timeouts":{"head":"soon"}}"#, "a number of seconds"),
        (r#"{"timeouts":{"head":-1}}"#, "cannot be negative"),
        (r#"{"proxies":{"trusted":["10.0.0.0/33"]}}"#, "10.0.0.0/33"),
    ] {
        let error = serde_json::from_str::<Config>(text).unwrap_err().to_string();
        assert!(error.contains(fault), "{error}");
    }
}

#[test]
fn that_no_server_can_run_with_are_named() {
    type Change = fn(&mut Config);
    let cases: &[(&str, Change)] = &[
        ("`limits.connections` is 0: it must be at least 1", |c| c.limits.connections = 0),
        ("`limits.connections_per_client` is 0", |c| c.limits.connections_per_client = Some(0)),
        ("`limits.handshakes` is 0", |c| c.limits.handshakes = 0),
        ("`limits.requests_per_connection` is 0", |c| c.limits.requests_per_connection = Some(0)),
        ("`limits.head_bytes` is 1023: it must be at least 1024", |c| c.limits.head_bytes = 1023),
        ("`limits.head_fields` is 0", |c| c.limits.head_fields = 0),
        ("`limits.buffer_bytes` is 8191: it must be at least 8192", |c| c.limits.buffer_bytes = 8191),
        ("`timeouts.handshake` is 0s: it must be longer", |c| c.timeouts.handshake = Duration::ZERO),
        ("`timeouts.first_byte`", |c| c.timeouts.first_byte = Duration::ZERO),
        ("`timeouts.head`", |c| c.timeouts.head = Duration::ZERO),
        ("`timeouts.keep_alive`", |c| c.timeouts.keep_alive = Duration::ZERO),
        ("`timeouts.body_gap`", |c| c.timeouts.body_gap = Duration::ZERO),
        ("`timeouts.write_stall`", |c| c.timeouts.write_stall = Duration::ZERO),
        ("`timeouts.rate_grace`", |c| c.timeouts.rate_grace = Duration::ZERO),
        ("`timeouts.handler`", |c| c.timeouts.handler = Some(Duration::ZERO)),
        ("`timeouts.ping`", |c| c.timeouts.ping = Duration::ZERO),
        ("`timeouts.pong`", |c| c.timeouts.pong = Duration::ZERO),
        ("`tcp.keep_alive`", |c| c.tcp.keep_alive = Some(Duration::ZERO)),
        ("`tcp.backlog` is 0", |c| c.tcp.backlog = 0),
        ("`http2.streams` is 0", |c| c.http2.streams = 0),
        ("`http2.header_list_bytes` is 0", |c| c.http2.header_list_bytes = 0),
        ("`http2.stream_window` is 0: it must be from 1 to 2147483647", |c| c.http2.stream_window = 0),
        ("`http2.connection_window` is 2147483648", |c| c.http2.connection_window = 1 << 31),
    ];
    for (fault, change) in cases {
        let error = configured(change).tcp("127.0.0.1:0").bind().unwrap_err();
        assert!(error.to_string().starts_with(&format!("the setting {fault}")), "{error}");
    }
}

#[tokio::test]
async fn at_their_ends_are_good_to_serve_with() {
    let least = configured(|config| {
        config.limits.buffer_bytes = 8192;
        config.limits.head_bytes = 1024;
        config.limits.head_fields = 1;
        (config.limits.connections, config.limits.connections_per_client) = (1, Some(1));
        (config.http2.streams, config.http2.header_list_bytes) = (1, 1024);
        (config.http2.stream_window, config.http2.connection_window) = (1, 1);
        config.tcp.keep_alive = Some(Duration::from_millis(1));
    });
    idle(&spawn_with(least, &Site::default())).await;
    let most = configured(|config| {
        (config.limits.connections, config.limits.handshakes) = (usize::MAX, usize::MAX);
        config.limits.connections_per_client = Some(usize::MAX);
        (config.http2.stream_window, config.http2.connection_window) = (i32::MAX as u32, i32::MAX as u32);
        config.tcp.keep_alive = Some(Duration::from_secs(1 << 40));
        (config.tcp.backlog, config.timeouts.handshake) = (u32::MAX, Duration::MAX);
    });
    idle(&spawn_with(most, &Site::default())).await;
    let never = configured(|config| config.tcp.keep_alive = Some(Duration::MAX));
    idle(&spawn_with(never, &Site::default())).await;
}

#[tokio::test]
async fn reach_the_connection() {
    let short = configured(|config| config.timeouts.first_byte = Duration::from_millis(20));
    let handle = spawn_with(short, &Site::default());
    assert!(soon(connect(&handle).await.rest()).await.is_empty());

    let handle = spawn_with(configured(|config| config.limits.head_bytes = 8192), &Site::default());
    let mut wire = connect(&handle).await;
    wire.send(format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(9000))).await;
    assert_eq!(soon(wire.reply()).await.status, 431);
}
