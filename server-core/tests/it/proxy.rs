//! Who the client behind a proxy is, and who cannot say so.

use std::sync::Arc;

use futures_util::FutureExt as _;
use proptest::prelude::*;
use waypost::http::HeaderValue;
use waypost::test::Client;
use waypost::{
    App, ClientAddr, ForwardedHeaders, Head, Peer, Request, Respond, Server, TargetOrigin, TlsInfo,
    TlsVersion, TrustedProxies, get, mount, routes,
};

use crate::raw::Wire;

#[get("/")]
async fn told(
    client: Option<ClientAddr>,
    peer: &Peer,
    head: &Head,
    origin: Option<TargetOrigin<'_>>,
) -> String {
    assert_eq!(client.map(|client| client.0), head.client_addr());
    assert_eq!(peer.address, head.peer().address);
    let client = client.map_or("nobody".to_owned(), |client| client.0.to_string());
    let origin = origin.map_or("nowhere".to_owned(), |origin| origin.to_string());
    format!("{client} at {origin}")
}

fn app() -> impl Respond {
    App::new(routes![told])
}

fn proxies() -> TrustedProxies {
    TrustedProxies::new(["10.0.0.0/8", "2001:db8:ffff::/48", "unix"]).unwrap()
}

fn peer(address: &str, headers: ForwardedHeaders) -> Peer {
    Peer::new(Some(address.parse().unwrap())).with_forwarded(headers, &proxies())
}

/// What the app is told when the peer sends these fields.
fn ask(peer: Peer, fields: &[(&str, &str)]) -> String {
    let client = Client::new(app()).with_peer(peer);
    let mut request = client.get("/");
    for (name, value) in fields {
        request = request.header(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    // Nothing in it has to wait.
    request.send().then(|reply| reply.text()).now_or_never().unwrap()
}

/// The client's address, as told by a trusted peer.
fn x_forwarded(lines: &[&str]) -> String {
    let fields: Vec<_> = lines.iter().map(|line| ("x-forwarded-for", *line)).collect();
    address(ask(peer("10.0.0.1:80", ForwardedHeaders::XForwarded), &fields))
}

/// The same by RFC 7239.
fn forwarded(lines: &[&str]) -> String {
    let fields: Vec<_> = lines.iter().map(|line| ("forwarded", *line)).collect();
    address(ask(peer("10.0.0.1:80", ForwardedHeaders::Rfc7239), &fields))
}

fn address(told: String) -> String {
    told.split(' ').next().unwrap().to_owned()
}

const ALL: [(&str, &str); 4] = [
    ("x-forwarded-for", "192.0.2.7"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-host", "example.com"),
    ("forwarded", "for=192.0.2.8;proto=https;host=example.net"),
];

#[test]
fn only_a_trusted_peer_is_believed() {
    use ForwardedHeaders::{Rfc7239, XForwarded};
    for (from, headers, expected) in [
        ("10.0.0.1:80", XForwarded, "192.0.2.7:0 at https://example.com"),
        ("10.0.0.1:80", Rfc7239, "192.0.2.8:0 at https://example.net"),
        ("10.0.0.1:80", ForwardedHeaders::None, "10.0.0.1:80 at http://localhost"),
        ("[::ffff:10.0.0.1]:80", XForwarded, "192.0.2.7:0 at https://example.com"),
        ("[2001:db8:ffff::1]:80", XForwarded, "192.0.2.7:0 at https://example.com"),
        ("11.0.0.1:80", XForwarded, "11.0.0.1:80 at http://localhost"),
        ("11.0.0.1:80", Rfc7239, "11.0.0.1:80 at http://localhost"),
        ("[2001:db8::1]:80", Rfc7239, "[2001:db8::1]:80 at http://localhost"),
    ] {
        assert_eq!(ask(peer(from, headers), &ALL), expected, "{from} {headers}");
    }
    let told = "192.0.2.7:0 at https://example.com";
    assert_eq!(ask(Peer::unix().with_forwarded(XForwarded, &proxies()), &ALL), told);
    assert_eq!(
        ask(Peer::new(None).with_forwarded(XForwarded, &proxies()), &ALL),
        "nobody at http://localhost"
    );
    assert_eq!(ask(Peer::unix(), &ALL), "nobody at http://localhost");
}

#[test]
fn trust_goes_with_the_address_it_was_given_to() {
    let mut peer = peer("10.0.0.1:80", ForwardedHeaders::XForwarded);
    peer.address = Some("192.0.2.1:80".parse().unwrap());
    assert_eq!(ask(peer, &ALL), "192.0.2.1:80 at http://localhost");
}

#[test]
fn the_family_that_is_not_read_tells_nothing() {
    use ForwardedHeaders::{Rfc7239, XForwarded};
    let x_only = &ALL[..3];
    let rfc_only = &ALL[3..];
    assert_eq!(ask(peer("10.0.0.1:80", Rfc7239), x_only), "10.0.0.1:80 at http://localhost");
    assert_eq!(ask(peer("10.0.0.1:80", XForwarded), rfc_only), "10.0.0.1:80 at http://localhost");
}

#[test]
fn the_client_is_the_first_from_the_right_who_is_not_trusted() {
    for (lines, client) in [
        (&["192.0.2.7"][..], "192.0.2.7:0"),
        (&["192.0.2.7, 10.0.0.2"], "192.0.2.7:0"),
        (&["192.0.2.7,10.0.0.3 ,\t10.0.0.2"], "192.0.2.7:0"),
        (&["203.0.113.9, 192.0.2.7"], "192.0.2.7:0"),
        (&["10.0.0.9, 192.0.2.7, 10.0.0.2"], "192.0.2.7:0"),
        (&["192.0.2.7, 10.0.0.3", "10.0.0.2"], "192.0.2.7:0"),
        (&["203.0.113.9", "192.0.2.7"], "192.0.2.7:0"),
        // All are trusted.
        (&["10.0.0.3, 10.0.0.2"], "10.0.0.3:0"),
        (&["2001:db8::7, 2001:db8:ffff::2"], "[2001:db8::7]:0"),
        (&["[2001:db8::7]:443, [2001:db8:ffff::2]"], "[2001:db8::7]:443"),
        (&["192.0.2.7:4711"], "192.0.2.7:4711"),
        (&["::ffff:192.0.2.7, ::ffff:10.0.0.2"], "192.0.2.7:0"),
    ] {
        assert_eq!(x_forwarded(lines), client, "{lines:?}");
    }
}

#[test]
fn what_is_no_address_ends_the_search() {
    for garbage in [
        "",
        " ",
        "unknown",
        "_hidden",
        "localhost",
        "192.0.2",
        "192.0.2.07",
        "192.0.2.7:",
        "192.0.2.7:65536",
        "192.0.2.7:+80",
        "192.0.2.7 8",
        "[2001:db8::7",
        "[2001:db8::7]4",
        "[192.0.2.7]",
        "fe80::1%eth0",
        "\"192.0.2.7\"",
        "é",
        "192.0.2.7\u{e9}",
    ] {
        assert_eq!(x_forwarded(&[garbage]), "10.0.0.1:80", "{garbage}");
        assert_eq!(x_forwarded(&[&format!("192.0.2.7, {garbage}")]), "10.0.0.1:80", "{garbage}");
        assert_eq!(x_forwarded(&[&format!("192.0.2.7, {garbage}, 10.0.0.2")]), "10.0.0.2:0", "{garbage}");
        assert_eq!(x_forwarded(&["192.0.2.7", garbage, "10.0.0.2"]), "10.0.0.2:0", "{garbage}");
    }
    assert_eq!(x_forwarded(&[]), "10.0.0.1:80");
}

#[test]
fn forwarded_in_all_its_forms() {
    for (element, client) in [
        ("for=192.0.2.7", "192.0.2.7:0"),
        ("For=\"192.0.2.7:4711\"", "192.0.2.7:4711"),
        ("FOR=\"[2001:db8:cafe::17]:4711\"", "[2001:db8:cafe::17]:4711"),
        ("for=\"[2001:db8:cafe::17]\"", "[2001:db8:cafe::17]:0"),
        ("for=\"192.0.2.7:_port\"", "192.0.2.7:0"),
        ("for=192.0.2.7:80", "192.0.2.7:80"),
        ("by=203.0.113.43;for=192.0.2.7;proto=http;host=a", "192.0.2.7:0"),
        ("for=192.0.2.7; proto=http ;by=x;", "192.0.2.7:0"),
        (";;for=192.0.2.7", "192.0.2.7:0"),
        ("x=\"a,b;for=203.0.113.9\";for=192.0.2.7", "192.0.2.7:0"),
        ("x=\"a\\\",for=203.0.113.9\\\\\";for=192.0.2.7", "192.0.2.7:0"),
    ] {
        assert_eq!(forwarded(&[element]), client, "{element}");
        assert_eq!(forwarded(&[&format!("for=203.0.113.9, {element}")]), client, "{element}");
        assert_eq!(forwarded(&[&format!("{element},for=10.0.0.2")]), client, "{element}");
        assert_eq!(forwarded(&["for=203.0.113.9", element, "for=10.0.0.2"]), client, "{element}");
    }
}

#[test]
fn what_is_no_element_of_forwarded_ends_the_search() {
    for garbage in [
        "",
        ";",
        "for",
        "for=",
        "=192.0.2.7",
        "for=unknown",
        "for=_hidden",
        "for=\"_hidden:80\"",
        "for=\"192.0.2.7",
        "for=192.0.2.7;for=192.0.2.8",
        "for=192.0.2.7;proto",
        "for=192.0.2.7 proto=http",
        "f or=192.0.2.7",
        "by=10.0.0.1",
        "for=\"192.0.2.7\"x",
        "for=192.0.2.7;proto=http;proto=http",
        "for=\"192.0.2.\\7\"",
        "192.0.2.7",
        "é=1;for=192.0.2.7",
        "for=192.0.2.7\\\"",
    ] {
        assert_eq!(forwarded(&[garbage]), "10.0.0.1:80", "{garbage}");
        assert_eq!(forwarded(&["for=192.0.2.8", garbage, "for=10.0.0.2"]), "10.0.0.2:0", "{garbage}");
    }
}

#[test]
fn scheme_and_host_are_the_nearest_proxys() {
    let ask = |fields: &[(&str, &str)]| {
        let told = ask(peer("10.0.0.1:80", ForwardedHeaders::XForwarded), fields);
        told.split(" at ").nth(1).unwrap().to_owned()
    };
    for (proto, host, origin) in [
        ("https", "example.com:8443", "https://example.com:8443"),
        ("HTTPS", "[::1]:80", "https://[::1]:80"),
        ("http, wss", "evil.example, example.com", "https://example.com"),
        ("https, http", "", "http://localhost"),
        ("https,", "evil.example/", "http://localhost"),
        ("gopher", "user@example.com", "http://localhost"),
        ("https://", "example.com:99999", "http://localhost"),
        ("", "[::1", "http://localhost"),
        ("ws", "<script>", "http://localhost"),
    ] {
        assert_eq!(
            ask(&[("x-forwarded-proto", proto), ("x-forwarded-host", host)]),
            origin,
            "{proto} {host}"
        );
    }
    let lines = [("x-forwarded-proto", "http"), ("x-forwarded-proto", "https")];
    assert_eq!(ask(&lines), "https://localhost");
}

#[test]
fn scheme_and_host_of_forwarded_come_with_the_client() {
    let ask = |line: &str| ask(peer("10.0.0.1:80", ForwardedHeaders::Rfc7239), &[("forwarded", line)]);
    for (line, told) in [
        (
            "for=203.0.113.9;proto=http;host=evil.example, for=192.0.2.7;proto=https;host=\"example.com:8443\", \
             for=10.0.0.2;proto=http;host=inner",
            "192.0.2.7:0 at https://example.com:8443",
        ),
        // What the outermost does not say, the next one may.
        ("for=192.0.2.7, for=10.0.0.2;proto=https;host=inner", "192.0.2.7:0 at https://inner"),
        ("for=192.0.2.7;proto=gopher;host=\"a b\"", "192.0.2.7:0 at http://localhost"),
        // The proxy hides its client, and may be believed all the same.
        ("for=203.0.113.9;host=evil.example, for=_hidden;proto=https", "10.0.0.1:80 at https://localhost"),
        ("proto=https;host=a, proto=https;host=b;host=c", "10.0.0.1:80 at http://localhost"),
    ] {
        assert_eq!(ask(line), told, "{line}");
    }
}

#[test]
fn the_scheme_is_the_transports_word_and_not_the_clients() {
    async fn scheme(peer: Peer, target: &str) -> String {
        let reply = Client::new(app()).with_peer(peer).get(target).send().await;
        reply.text().await.split(" at ").nth(1).unwrap().to_owned()
    }
    let now = |peer, target| scheme(peer, target).now_or_never().unwrap();
    assert_eq!(now(Peer::default(), "https://example.com/"), "http://example.com");
    assert_eq!(
        now(Peer::default().with_tls(TlsInfo::new(TlsVersion::Tls13)), "http://example.com/"),
        "https://example.com"
    );
    let proxy = peer("10.0.0.1:80", ForwardedHeaders::XForwarded).with_tls(TlsInfo::new(TlsVersion::Tls13));
    assert_eq!(now(proxy.clone(), "/"), "https://localhost");
    assert_eq!(ask(proxy, &[("x-forwarded-proto", "http")]), "10.0.0.1:80 at http://localhost");
}

#[get("/origin")]
async fn origin(origin: TargetOrigin<'_>) -> String {
    format!("{} {}", origin.scheme(), origin.host())
}

#[test]
fn an_origin_that_the_request_does_not_have() {
    let ask = |host: Option<&str>| {
        let mut request = waypost::http::Request::get("/origin");
        if let Some(host) = host {
            request = request.header("host", host);
        }
        let request = request.body(waypost::Body::empty()).unwrap();
        assert_eq!(
            TargetOrigin::of(Request::new(request).head()).is_err_and(|error| error.is_missing()),
            host.is_none()
        );
        let mut request = waypost::http::Request::get("/origin");
        if let Some(host) = host {
            request = request.header("host", host);
        }
        let client = Client::new(App::new(routes![origin]));
        let reply = client.send(request.body(waypost::Body::empty()).unwrap()).now_or_never().unwrap();
        (reply.status().as_u16(), reply.text().now_or_never().unwrap())
    };
    assert_eq!(ask(Some("Example.com")), (200, "http Example.com".to_owned()));
    for host in
        [Some("a/b"), Some("a@b"), Some(""), Some("a:b"), Some("a b"), Some(":80"), Some("\"><a"), None]
    {
        assert_eq!(ask(host).0, 400, "{host:?}");
    }
}

#[test]
fn a_list_without_end_is_read_to_the_32nd() {
    let many = |element: &str, count: usize| vec![element; count].join(",");
    let fits = format!("192.0.2.7,{}", many("10.0.0.2", 31));
    assert_eq!(x_forwarded(&[&fits]), "192.0.2.7:0");
    let too_far = format!("192.0.2.7,{}", many("10.0.0.2", 32));
    assert_eq!(x_forwarded(&[&too_far]), "10.0.0.2:0");
    assert_eq!(forwarded(&[&many("for=10.0.0.2", 100_000)]), "10.0.0.2:0");
    assert_eq!(forwarded(&[&"\"".repeat(100_000)]), "10.0.0.1:80");
    assert_eq!(forwarded(&[&"\\\"".repeat(100_000)]), "10.0.0.1:80");
    assert_eq!(x_forwarded(&vec![""; 1000]), "10.0.0.1:80");
}

#[test]
fn an_app_behind_a_mount_knows_the_same_peer() {
    let site = App::new(routes!["/in" => [..mount(App::new(routes![told]))]]);
    let client = Client::new(site).with_peer(
        peer("10.0.0.1:80", ForwardedHeaders::XForwarded).with_tls(TlsInfo::new(TlsVersion::Tls13)),
    );
    let reply = client.get("/in").header("x-forwarded-for", "192.0.2.7").send();
    let told = reply.then(|reply| reply.text()).now_or_never().unwrap();
    assert_eq!(told, "192.0.2.7:0 at https://localhost");
}

#[tokio::test(start_paused = true)]
async fn a_header_of_the_proxy_protocol_is_no_request() {
    for header in [&b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 80\r\n"[..], b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"]
    {
        let (near, far) = tokio::io::duplex(1 << 16);
        tokio::spawn(Server::serve_connection(far, Arc::new(app()), Peer::default()));
        let mut wire = Wire::new(near);
        wire.send([header, b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"].concat()).await;
        assert_eq!(wire.reply().await.status, 400);
        assert_eq!(wire.rest().await, b"");
    }
}

proptest! {
    /// Whatever a client puts before what the proxy appends, on the same line or on lines of its own.
    #[test]
    fn a_client_cannot_name_another(
        lines in proptest::collection::vec("([ -~]|[\",=;\\\\]|for=|10\\.0\\.0\\.2|192\\.0\\.2\\.9){0,20}", 1..4),
        separator in proptest::sample::select(vec![",", ", ", " ,\t"]),
        quoted in any::<bool>(),
    ) {
        let (last, others) = lines.split_last().unwrap();
        let mut of_x: Vec<&str> = others.iter().map(String::as_str).collect();
        let mut of_rfc = of_x.clone();
        let x = format!("{last}{separator}2001:db8::7{separator}10.0.0.2");
        let node = if quoted { "host=\"a,b\\\"c\";for=\"[2001:db8::7]:0\"" } else { "for=[2001:db8::7]" };
        let rfc = format!("{last}{separator}{node}{separator}for=10.0.0.2;host=\"d\"");
        of_x.push(&x);
        of_rfc.push(&rfc);
        prop_assert_eq!(x_forwarded(&of_x), "[2001:db8::7]:0");
        prop_assert_eq!(forwarded(&of_rfc), "[2001:db8::7]:0");
    }

    /// Any text is read, and a text that nobody trusted wrote finds the peer.
    #[test]
    fn any_text_is_read(line in "[ -~\t\u{80}-\u{ff}]{0,60}") {
        let fields = [("forwarded", line.as_str()), ("x-forwarded-for", &line), ("x-forwarded-host", &line)];
        for headers in [ForwardedHeaders::XForwarded, ForwardedHeaders::Rfc7239] {
            ask(peer("10.0.0.1:80", headers), &fields);
            prop_assert_eq!(ask(peer("192.0.2.1:80", headers), &fields), "192.0.2.1:80 at http://localhost");
        }
    }
}
