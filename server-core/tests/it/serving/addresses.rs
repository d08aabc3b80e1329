//! What a server listens on.

use super::*;

#[tokio::test]
async fn several_at_once() {
    let server = Server::builder().tcp("127.0.0.1:0").tcp("127.0.0.1:0").bind().unwrap();
    let addresses: Vec<_> = server.addrs().iter().map(|address| address.tcp().unwrap()).collect();
    let handle = server.spawn(Site::default()).unwrap();
    assert_eq!(handle.addrs().len(), 2);
    for address in addresses {
        let mut wire = Wire::new(TcpStream::connect(address).await.unwrap());
        wire.send(GET).await;
        assert_eq!(wire.reply().await.text(), "hello");
    }
}

#[test]
fn faults_are_named() {
    let none = Server::builder().bind().unwrap_err();
    assert_eq!(none.to_string(), "the server has nothing to listen on");
    let mute = configured(|config| (config.protocols.http1, config.protocols.http2) = (false, false));
    let mute = mute.tcp("127.0.0.1:0").bind().unwrap_err();
    assert_eq!(mute.to_string(), "the server has no protocol to speak");
    let unknown = Server::builder().tcp("no-such-host.invalid:80").bind().unwrap_err();
    assert!(unknown.to_string().starts_with("cannot resolve"), "{unknown}");
    let taken = Server::builder().tcp("127.0.0.1:0").bind().unwrap();
    let again = Server::builder().tcp(taken.addr().tcp().unwrap()).bind().unwrap_err();
    assert!(again.to_string().starts_with(&format!("cannot listen on {}: ", taken.addr())), "{again}");
}
