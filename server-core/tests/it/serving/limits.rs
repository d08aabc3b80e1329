//! Connections there is no room for.

use super::*;

#[tokio::test]
async fn connections_wait_for_room() {
    let handle = spawn_with(configured(|config| config.limits.connections = 2), &Site::default());
    let first = idle(&handle).await;
    let _second = idle(&handle).await;
    let mut third = connect(&handle).await;
    third.send(GET).await;
    let early = tokio::time::timeout(Duration::from_millis(100), third.stream.readable()).await;
    assert!(early.is_err(), "served although there was no room");
    drop(first);
    assert_eq!(soon(third.reply()).await.status, 200);
    assert_eq!(handle.stats().connections_open, 2);
}

#[tokio::test]
async fn a_client_has_no_more_than_its_share() {
    let handle =
        spawn_with(configured(|config| config.limits.connections_per_client = Some(2)), &Site::default());
    let first = idle(&handle).await;
    let _second = idle(&handle).await;
    let mut third = connect(&handle).await;
    assert!(soon(third.rest()).await.is_empty());
    assert_eq!(handle.stats().connections_refused, 1);
    drop(first);
    until(|| handle.stats().connections_open == 1).await;
    idle(&handle).await;
}
