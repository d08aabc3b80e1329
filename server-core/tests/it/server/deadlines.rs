//! How long a peer may take.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_silent_peer_is_closed() {
    let mut wire = connect(Site::default());
    assert_eq!(seconds(wire.rest()).await, 10);
}

#[tokio::test(start_paused = true)]
async fn so_is_one_that_stops_in_the_preface() {
    for length in [1, 14, 23] {
        let mut wire = connect(Site::default());
        wait(7).await;
        wire.send(&PREFACE[..length]).await;
        assert_eq!(seconds(wire.rest()).await, 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_head_must_be_complete_in_time_however_it_trickles() {
    let mut wire = connect(Site::default());
    wait(9).await;
    let trickle = async {
        for byte in "GET / HTTP/1.1\r\nHost: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".bytes() {
            if wire.stream.write_all(&[byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    assert_eq!(seconds(trickle).await, 10);
}

#[tokio::test(start_paused = true)]
async fn so_must_the_next_one() {
    let mut wire = connect(Site::default());
    for idle in [0, 55, 20, 1] {
        wait(idle).await;
        wire.send(&GET[..9]).await;
        wait(9).await;
        wire.send(&GET[9..]).await;
        assert_eq!(wire.reply().await.text(), "hello");
    }
    wait(55).await;
    wire.send(&GET[..9]).await;
    assert_eq!(seconds(wire.rest()).await, 10);
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_closed() {
    for pause in 0..20 {
        let mut wire = connect(Site::default());
        wire.send(GET).await;
        wire.reply().await;
        wait(pause).await;
        wire.send(GET).await;
        wire.reply().await;
        let idle = seconds(wire.rest()).await;
        assert!((60..=75).contains(&idle), "{idle} s after {pause}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_stays_after_the_last_answer_is_cut() {
    const UNREAD: &str =
        "POST /ignore HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1000000\r\n\r\n";
    let (mut wire, task) = connect_with_room(Site::default(), 1 << 16);
    wire.send(UNREAD).await;
    assert_eq!(seconds(wire.rest()).await, 0);
    assert_eq!(seconds(task).await, 5);
    // However it is kept busy, not for longer, and not for more than some hundred kilobytes.
    let (mut wire, task) = connect_with_room(Site::default(), 1 << 16);
    wire.send(UNREAD).await;
    wire.rest().await;
    let trickle = async {
        while wire.stream.write_all(b"x").await.is_ok() {
            wait(1).await;
        }
    };
    assert!((5..=6).contains(&seconds(trickle).await));
    task.await.unwrap();
    let (mut wire, _task) = connect_with_room(Site::default(), 1 << 16);
    wire.send(UNREAD).await;
    wire.rest().await;
    let mut sent = 0;
    while wire.stream.write_all(&[0; 1024]).await.is_ok() {
        sent += 1024;
    }
    assert!((1 << 18..1 << 19).contains(&sent), "{sent}");
}

#[tokio::test(start_paused = true)]
async fn a_used_connection_is_not() {
    let mut wire = connect(Site::default());
    for _ in 0..50 {
        wire.send(GET).await;
        assert_eq!(wire.reply().await.text(), "hello");
        wait(59).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_handler_is_not_cut_and_idleness_begins_after_it() {
    let mut wire = connect(Site::default());
    wire.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(wire.reply().await.text(), "slow");
    let idle = seconds(wire.rest()).await;
    assert!((60..=75).contains(&idle), "{idle} s");
}

#[tokio::test(start_paused = true)]
async fn a_slow_response_is_not_cut() {
    let mut wire = connect(Site::default());
    wire.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n").await;
    // Each piece comes when it is made.
    assert_eq!(seconds(wire.reply_to_head()).await, 0);
    for _ in 0..5 {
        let start = Instant::now();
        assert_eq!(wire.take(10).await, b"5\r\ndrip \r\n");
        assert_eq!(start.elapsed().as_secs(), 300);
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_http2_connection_is_told_to_go() {
    let (client, server) = tokio::io::duplex(1 << 16);
    tokio::spawn(Server::serve_connection(server, Arc::new(Site::default()), Peer::new(None)));
    let (mut sender, connection) = handshake(client).await;
    let connection = tokio::spawn(connection);
    let response = sender.send_request(get("/slow")).await.unwrap();
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "slow");
    let idle = seconds(connection).await;
    assert!((60..=75).contains(&idle), "{idle} s");
    drop(sender);
}

#[tokio::test(start_paused = true)]
async fn an_http2_peer_that_sends_frames_but_no_request_is_closed() {
    let mut wire = connect(Site::default());
    wire.send(PREFACE).await;
    wire.send(b"\0\0\0\x04\0\0\0\0\0").await;
    let ping = b"\0\0\x08\x06\0\0\0\0\0pingping";
    let pings = async {
        while wire.stream.write_all(ping).await.is_ok() {
            wire.pending().await;
            wait(1).await;
        }
    };
    let idle = seconds(pings).await;
    assert!((60..=85).contains(&idle), "{idle} s");
}
