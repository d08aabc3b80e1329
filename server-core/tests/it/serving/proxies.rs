//! The PROXY protocol over a socket; what a header may look like is tested where it is read.

use waypost::{ClientAddr, ForwardedHeaders, ProxyProtocol, TrustedProxies};

use super::*;

#[get("/")]
async fn who(client: ClientAddr) -> String {
    client.0.to_string()
}

fn serve(change: impl FnOnce(&mut Config)) -> Handle {
    let server = configured(|config| {
        config.proxies.trusted = TrustedProxies::new(["127.0.0.1"]).unwrap();
        config.proxies.protocol = ProxyProtocol::Required;
        change(config);
    });
    server.tcp("127.0.0.1:0").bind().unwrap().spawn(App::new(routes![who])).unwrap()
}

const V1: &str = "PROXY TCP4 192.0.2.7 198.51.100.1 4711 443\r\n";

async fn ask(handle: &Handle, opening: &str) -> Option<String> {
    let mut wire = connect(handle).await;
    wire.send(format!("{opening}GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).await;
    let reply = String::from_utf8(soon(wire.rest()).await).unwrap();
    reply.split_once("\r\n\r\n").map(|(_, body)| body.to_owned())
}

#[tokio::test]
async fn a_trusted_one_says_who_its_client_is() {
    let handle = serve(|_| {});
    assert_eq!(ask(&handle, V1).await.as_deref(), Some("192.0.2.7:4711"));
    assert_eq!(ask(&handle, "").await, None, "a header is required");
    assert_eq!(ask(&handle, "PROXY TCP4 nonsense\r\n").await, None);
}

#[tokio::test]
async fn what_was_read_too_early_is_not_lost() {
    let handle = serve(|config| config.proxies.protocol = ProxyProtocol::Optional);
    assert_eq!(ask(&handle, V1).await.as_deref(), Some("192.0.2.7:4711"));
    assert!(ask(&handle, "").await.unwrap().starts_with("127.0.0.1:"));
}

#[tokio::test]
async fn nobody_else_can() {
    let handle = serve(|config| config.proxies.trusted = TrustedProxies::new(["10.0.0.0/8"]).unwrap());
    assert!(ask(&handle, "").await.unwrap().starts_with("127.0.0.1:"));
    assert!(!ask(&handle, V1).await.unwrap_or_default().contains("192.0.2.7"));
}

#[tokio::test]
async fn the_client_is_counted_and_not_the_proxy() {
    let handle = serve(|config| config.limits.connections_per_client = Some(1));
    let mut first = connect(&handle).await;
    first.send(format!("{V1}{GET}")).await;
    assert_eq!(first.reply().await.text(), "192.0.2.7:4711");
    assert_eq!(ask(&handle, V1).await, None);
    assert_eq!(handle.stats().connections_refused, 1);
    let other = V1.replace("192.0.2.7", "192.0.2.8");
    assert_eq!(ask(&handle, &other).await.as_deref(), Some("192.0.2.8:4711"));
}

#[tokio::test]
async fn its_fields_count_by_the_address_it_told() {
    let handle = serve(|config| {
        config.proxies.trusted = TrustedProxies::new(["127.0.0.1", "192.0.2.7"]).unwrap();
        config.proxies.headers = ForwardedHeaders::XForwarded;
    });
    let mut wire = connect(&handle).await;
    let get = "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n";
    wire.send(format!("{V1}{get}")).await;
    assert_eq!(wire.reply().await.text(), "203.0.113.9:0");
    let mut wire = connect(&handle).await;
    wire.send(format!("{}{get}", V1.replace("192.0.2.7", "192.0.2.99"))).await;
    assert_eq!(wire.reply().await.text(), "192.0.2.99:4711");
}

#[tokio::test]
async fn a_silent_one_is_given_up() {
    let handle = serve(|config| config.timeouts.handshake = Duration::from_millis(50));
    let mut wire = connect(&handle).await;
    wire.send("PROXY").await;
    assert!(soon(wire.rest()).await.is_empty());
}
