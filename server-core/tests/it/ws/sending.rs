//! What handlers send.

use waypost::Routes;

use super::*;

/// Sends a mebibyte again and again, and never reads.
#[get("/pour")]
async fn pour(upgrade: WebSocketUpgrade, State(log): State<&Log>) -> Response {
    let log = log.clone();
    upgrade.on_upgrade(async move |mut socket: WebSocket| {
        let message = Message::binary(vec![7; 1 << 20]);
        let error = loop {
            if let Err(error) = socket.send(message.clone()).await {
                break error;
            }
        };
        assert!(error.is_timeout() || error.is_lost());
        let _ = log.send(error.to_string());
    })
}

/// Answers each text with as many messages as it says, fed and not flushed; logs each that was.
#[get("/feed")]
async fn feed(upgrade: WebSocketUpgrade, State(log): State<&Log>) -> Response {
    let log = log.clone();
    upgrade.on_upgrade(async move |mut socket: WebSocket| {
        while let Some(Ok(Message::Text(count))) = socket.recv().await {
            for number in 0..count.parse::<u32>().unwrap() {
                socket.feed(Message::text(number.to_string())).await.unwrap();
                let _ = log.send(String::new());
            }
        }
    })
}

/// Sends from one task what another has received.
#[get("/halves")]
async fn halves(upgrade: WebSocketUpgrade, State(log): State<&Log>) -> Response {
    let log = log.clone();
    upgrade.on_upgrade(async move |socket: WebSocket| {
        let (mut sender, mut receiver) = socket.split();
        let (queue, mut queued) = mpsc::unbounded_channel::<Message>();
        tokio::spawn(async move {
            while let Some(message) = queued.recv().await {
                sender.send(message).await.unwrap();
            }
            // Long after the handler has ended.
            tokio::time::sleep(Duration::from_secs(30)).await;
            let _ = log.send(format!("{:?}", sender.send(Message::text("late")).await));
        });
        while let Some(Ok(message)) = receiver.recv().await {
            if message == Message::text("leave") {
                break;
            }
            queue.send(message).unwrap();
        }
    })
}

/// Receives, and sends what a clock says, in one task.
#[get("/select")]
async fn select(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async move |mut socket: WebSocket| {
        let mut clock = tokio::time::interval(Duration::from_millis(1));
        let mut received = 0;
        loop {
            tokio::select! {
                _ = clock.tick() => socket.send(Message::Pong("tick".into())).await.unwrap(),
                message = socket.recv() => match message {
                    Some(Ok(Message::Binary(bytes))) => received += bytes.len(),
                    Some(Ok(_)) => break,
                    other => panic!("{other:?}"),
                },
            }
        }
        socket.send(Message::text(received.to_string())).await.unwrap();
    })
}

/// Says what cannot be said.
#[get("/too-long")]
async fn too_long(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async move |mut socket: WebSocket| {
        for message in [Message::Ping(vec![0; 126].into()), Message::Pong(vec![0; 126].into())] {
            assert!(socket.send(message).await.unwrap_err().is_control_too_long());
        }
        let error = socket.close(CloseCode::NORMAL, "a".repeat(124)).await.unwrap_err();
        assert!(error.is_control_too_long());
        socket.send(Message::Ping(vec![1; 125].into())).await.unwrap();
        socket.close(CloseCode::new(4999).unwrap(), "a".repeat(123)).await.unwrap();
        assert!(socket.send(Message::text("late")).await.unwrap_err().is_closed());
        socket.close(CloseCode::NORMAL, "again").await.unwrap();
    })
}

pub(super) fn routes() -> impl Routes<Site> {
    routes![pour, feed, halves, select, too_long]
}

#[tokio::test(start_paused = true)]
async fn who_takes_nothing_holds_nobody() {
    let mut served = serve();
    let mut wire = served.open_with_room("/pour", 4096).await;
    // A byte now and then is something.
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_secs(29)).await;
        tokio::io::AsyncReadExt::read_exact(&mut wire.stream, &mut [0]).await.unwrap();
        assert_eq!(served.handle.stats().connections_open, 1);
    }
    let start = tokio::time::Instant::now();
    assert_eq!(served.seen().await, "the peer was waited for too long");
    assert_eq!(start.elapsed().as_secs(), 30);
    served.closed().await;
}

#[tokio::test(start_paused = true)]
async fn who_has_gone_ends_the_sender() {
    let mut served = serve();
    let wire = served.open_with_room("/pour", 4096).await;
    drop(wire);
    assert_eq!(served.seen().await, "the connection broke");
    served.closed().await;
}

#[tokio::test(start_paused = true)]
async fn what_was_fed_leaves_when_nothing_comes() {
    let served = serve();
    let mut wire = served.open("/feed").await;
    wire.send([frame(TEXT, b"3"), frame(TEXT, b"1")].concat()).await;
    for number in ["0", "1", "2", "0"] {
        assert_eq!(wire.frame().await, text(number));
    }
    // And when the handler ends.
    wire.send([frame(TEXT, b"2"), frame(BINARY, b"")].concat()).await;
    assert_eq!(wire.frame().await, text("0"));
    assert_eq!(wire.frame().await, text("1"));
    wire.asked_to_close(1000).await;
}

#[tokio::test(start_paused = true)]
async fn feeding_waits_for_room() {
    let served = serve();
    let mut wire = served.open_with_room("/feed", 4096).await;
    wire.send(frame(TEXT, b"100000")).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    // No more has been made than is kept, 64 KiB, and what the wire has room for: frames of 7 bytes at most, of 3 at least.
    let made = served.log.len();
    assert!(((64 << 10) / 7..((64 << 10) + 4096) / 3).contains(&made), "{made}");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(served.log.len(), made, "it goes on");
    for number in 0..100_000 {
        assert_eq!(wire.frame().await, text(&number.to_string()));
    }
    assert_eq!(served.log.len(), 100_000);
}

#[tokio::test(start_paused = true)]
async fn halves_in_tasks_of_their_own() {
    let mut served = serve();
    let mut wire = served.open("/halves").await;
    for number in 0..100 {
        wire.send(frame(TEXT, number.to_string().as_bytes())).await;
        assert_eq!(wire.frame().await, text(&number.to_string()));
    }
    wire.send(frame(TEXT, b"leave")).await;
    // The connection is there as long as one of them.
    tokio::time::sleep(Duration::from_secs(29)).await;
    assert_eq!(served.handle.stats().requests_open, 1);
    assert_eq!(served.seen().await, "Ok(())");
    assert_eq!(wire.frame().await, text("late"));
    wire.asked_to_close(1000).await;
    served.closed().await;
}

/// In each direction there is more than fits into the wire: nobody waits for the other.
#[tokio::test(start_paused = true)]
async fn halves_do_not_wait_for_each_other() {
    let served = serve();
    let wire = served.open_with_room("/halves", 1024).await;
    let (mut read, mut write) = tokio::io::split(wire.stream);
    let sent = frame(BINARY, &vec![9; 500_000]).repeat(4);
    let writing = tokio::io::AsyncWriteExt::write_all(&mut write, &sent);
    let mut back = vec![0; 4 * (10 + 500_000)];
    writing.await.unwrap();
    tokio::io::AsyncReadExt::read_exact(&mut read, &mut back).await.unwrap();
    assert!(back[10..].starts_with(&[9; 500_000]));
}

#[tokio::test(start_paused = true)]
async fn receiving_can_be_given_up_and_taken_up() {
    let served = serve();
    let wire = served.open_with_room("/select", 300).await;
    let (mut read, mut write) = tokio::io::split(wire.stream);
    let reader = tokio::spawn(async move {
        let mut all = Vec::new();
        tokio::io::AsyncReadExt::read_to_end(&mut read, &mut all).await.unwrap();
        all
    });
    let mut total = 0;
    for length in 0..500 {
        tokio::io::AsyncWriteExt::write_all(&mut write, &frame(BINARY, &vec![1; length])).await.unwrap();
        tokio::time::sleep(Duration::from_micros(700)).await;
        total += length;
    }
    tokio::io::AsyncWriteExt::write_all(&mut write, &frame(TEXT, b"")).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut write, &close(1000, "")).await.unwrap();
    let all = reader.await.unwrap();
    let said = total.to_string();
    let end = [&[TEXT, said.len() as u8][..], said.as_bytes(), b"\x88\x02\x03\xE8"].concat();
    assert!(all.ends_with(&end), "{:?}", String::from_utf8_lossy(&all[all.len() - 20..]));
}

#[tokio::test(start_paused = true)]
async fn control_frames_are_short() {
    let served = serve();
    let mut wire = served.open("/too-long").await;
    assert_eq!(wire.frame().await, (PING, vec![1; 125]));
    let (first, content) = wire.frame().await;
    assert_eq!((first, &content[..2], content.len()), (CLOSE, &4999u16.to_be_bytes()[..], 125));
}

/// Pongs do not pile up for who does not read them; when it reads, the latest Ping has its answer.
#[tokio::test(start_paused = true)]
async fn a_flood_of_pings_is_answered_as_it_is_read() {
    let served = serve();
    let wire = served.open_with_room("/echo", 4096).await;
    let (mut read, mut write) = tokio::io::split(wire.stream);
    let mut flood = frame(PING, &[b'x'; 120]).repeat(5_000);
    flood.extend(frame(PING, b"last"));
    flood.extend(frame(TEXT, b"end"));
    tokio::io::AsyncWriteExt::write_all(&mut write, &flood).await.unwrap();
    let mut all = Vec::new();
    let has = |all: &[u8], frame: &[u8]| all.windows(frame.len()).any(|window| window == frame);
    while !has(&all, b"\x81\x03end") || !has(&all, b"\x8A\x04last") {
        assert!(tokio::io::AsyncReadExt::read_buf(&mut read, &mut all).await.unwrap() > 0);
    }
    assert!(all.len() < 200_000, "{}", all.len());
}
