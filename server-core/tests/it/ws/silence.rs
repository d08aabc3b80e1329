//! Peers that say nothing.

use tokio::time::Instant;
use waypost::Routes;

use super::*;

#[get("/quick")]
async fn quick(upgrade: WebSocketUpgrade, State(log): State<&Log>) -> Response {
    let log = log.clone();
    let upgrade = upgrade.ping_interval(Duration::from_secs(2)).idle_timeout(Duration::from_secs(5));
    upgrade.on_upgrade(async move |socket: WebSocket| echo_to_the_end(socket, &log).await)
}

#[get("/patient")]
async fn patient(upgrade: WebSocketUpgrade, State(log): State<&Log>) -> Response {
    let log = log.clone();
    let upgrade = upgrade.ping_interval(None).idle_timeout(None).send_timeout(None);
    upgrade.on_upgrade(async move |socket: WebSocket| echo_to_the_end(socket, &log).await)
}

#[get("/unasked")]
async fn unasked(upgrade: WebSocketUpgrade, State(log): State<&Log>) -> Response {
    let log = log.clone();
    let upgrade = upgrade.ping_interval(None).idle_timeout(Duration::from_secs(5));
    upgrade.on_upgrade(async move |socket: WebSocket| echo_to_the_end(socket, &log).await)
}

/// Waits for three seconds and works for an hour, before it listens to the end.
#[get("/now-and-then")]
async fn now_and_then(upgrade: WebSocketUpgrade, State(log): State<&Log>) -> Response {
    let log = log.clone();
    let upgrade = upgrade.ping_interval(None).idle_timeout(Duration::from_secs(5));
    upgrade.on_upgrade(async move |mut socket: WebSocket| {
        tokio::time::sleep(Duration::from_secs(3600)).await;
        if let Ok(heard) = tokio::time::timeout(Duration::from_secs(3), socket.recv()).await {
            let _ = log.send(format!("too early: {heard:?}"));
            return;
        }
        tokio::time::sleep(Duration::from_secs(3600)).await;
        echo_to_the_end(socket, &log).await;
    })
}

/// Works for an hour on what it hears.
#[get("/busy")]
async fn busy(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async move |mut socket: WebSocket| {
        while let Some(Ok(message)) = socket.recv().await {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            if socket.send(message).await.is_err() {
                return;
            }
        }
    })
}

pub(super) fn routes() -> impl Routes<Site> {
    routes![quick, patient, unasked, now_and_then, busy]
}

#[tokio::test(start_paused = true)]
async fn are_asked_and_given_up() {
    let mut served = serve();
    let start = Instant::now();
    let mut wire = served.open("/quick").await;
    assert_eq!(wire.frame().await, (PING, Vec::new()));
    assert_eq!(start.elapsed().as_secs(), 2);
    assert_eq!(served.seen().await, "the peer was waited for too long");
    assert_eq!(start.elapsed().as_secs(), 5);
    wire.closed_with(1001).await;
    served.closed().await;
}

#[tokio::test(start_paused = true)]
async fn stay_if_they_answer() {
    let served = serve();
    let start = Instant::now();
    let mut wire = served.open("/quick").await;
    for _ in 0..100 {
        assert_eq!(wire.frame().await, (PING, Vec::new()));
        tokio::time::sleep(Duration::from_secs(2)).await;
        wire.send(frame(PONG, b"")).await;
    }
    assert_eq!(start.elapsed().as_secs(), 400);
    // Whatever they say is an answer, a part of a frame, too.
    for byte in frame(TEXT, b"slow") {
        wire.send([byte]).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(wire.frame().await, text("slow"));
}

#[tokio::test(start_paused = true)]
async fn are_asked_every_half_minute_as_it_comes() {
    let mut served = serve();
    let start = Instant::now();
    let mut wire = served.open("/echo").await;
    for round in 1..5 {
        assert_eq!(wire.frame().await, (PING, Vec::new()));
        assert_eq!(start.elapsed().as_secs(), 30 * round);
        wire.send(frame(PONG, b"")).await;
    }
    served.seen().await;
    assert_eq!(start.elapsed().as_secs(), 4 * 30 + 60);
}

#[tokio::test(start_paused = true)]
async fn may_stay_for_ever_if_they_may() {
    let served = serve();
    let mut wire = served.open("/patient").await;
    tokio::time::sleep(Duration::from_secs(1_000_000)).await;
    wire.send(frame(TEXT, b"still here")).await;
    assert_eq!(wire.frame().await, text("still here"));
}

#[tokio::test(start_paused = true)]
async fn are_given_up_unasked() {
    let mut served = serve();
    let mut wire = served.open("/unasked").await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    wire.send(frame(TEXT, b"here")).await;
    assert_eq!(wire.frame().await, text("here"));
    let start = Instant::now();
    served.seen().await;
    assert_eq!(start.elapsed().as_secs(), 5);
    wire.closed_with(1001).await;
}

/// Nor is the time counted in which nobody listens, where they are not asked.
#[tokio::test(start_paused = true)]
async fn are_given_up_for_the_time_that_they_are_waited_for() {
    let mut served = serve();
    let start = Instant::now();
    let mut wire = served.open("/now-and-then").await;
    assert_eq!(served.seen().await, "the peer was waited for too long");
    assert_eq!(start.elapsed().as_secs(), 2 * 3600 + 5);
    wire.closed_with(1001).await;
}

#[tokio::test(start_paused = true)]
async fn may_speak_when_they_are_listened_to_again() {
    let served = serve();
    let mut wire = served.open("/now-and-then").await;
    tokio::time::sleep(Duration::from_secs(2 * 3600 + 4)).await;
    wire.send(frame(TEXT, b"at last")).await;
    assert_eq!(wire.frame().await, text("at last"));
}

/// The time in which nobody listens is not the peer's.
#[tokio::test(start_paused = true)]
async fn are_not_blamed_for_a_busy_handler() {
    let served = serve();
    let mut wire = served.open("/busy").await;
    for _ in 0..3 {
        wire.send(frame(TEXT, b"work")).await;
        assert_eq!(wire.frame().await, text("work"));
    }
    let start = Instant::now();
    assert_eq!(wire.frame().await, (PING, Vec::new()));
    assert_eq!(start.elapsed().as_secs(), 30);
}
