//! What is asked of a server.

/// One request, and how it is sent over and over.
#[derive(Debug)]
pub(crate) struct Workload {
    pub key: &'static str,
    /// What is asked for, as tables name it.
    pub subject: &'static str,
    pub method: &'static str,
    pub target: &'static str,
    /// Whether the request has an order as its body, and not none.
    pub order: bool,
    pub protocol: Protocol,
    /// The answer's body, without white space.
    pub answer: &'static str,
    /// Whether it is measured if nobody asks for others.
    pub usual: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Protocol {
    /// So many connections, each with so many requests at once.
    Http1 { connections: u32, depth: u32 },
    /// So many connections, each with so many streams at once; without TLS, and the client knows beforehand.
    Http2 { connections: u32, streams: u32 },
}

impl Workload {
    /// The subject, and how much of it.
    pub(crate) fn title(&self) -> String {
        let subject = self.subject;
        match self.protocol {
            Protocol::Http1 { connections, depth: 1 } => format!("{subject}, {connections} connections"),
            Protocol::Http1 { connections, depth } => {
                format!("{subject}, {connections} connections, {depth} requests at once on each")
            }
            Protocol::Http2 { connections, streams } => {
                format!("{subject}, {connections} connections, {streams} streams on each")
            }
        }
    }

    pub(crate) fn is_http2(&self) -> bool {
        matches!(self.protocol, Protocol::Http2 { .. })
    }

    pub(crate) fn body(&self) -> String {
        if self.order { order() } else { String::new() }
    }

    /// Whether the request goes alone over HTTP/1, so that the instructions it takes can be counted.
    pub(crate) fn is_single(&self) -> bool {
        matches!(self.protocol, Protocol::Http1 { depth: 1, .. })
    }
}

const KEPT: Protocol = Protocol::Http1 { connections: 64, depth: 1 };

pub(crate) const WORKLOADS: &[Workload] = &[
    Workload {
        key: "plaintext",
        subject: "Plaintext",
        method: "GET",
        target: "/hello",
        order: false,
        protocol: KEPT,
        answer: "Hello,World!",
        usual: true,
    },
    Workload {
        key: "pipelined",
        subject: "Plaintext",
        method: "GET",
        target: "/hello",
        order: false,
        protocol: Protocol::Http1 { connections: 64, depth: 16 },
        answer: "Hello,World!",
        usual: true,
    },
    Workload {
        key: "params",
        subject: "Two path parameters",
        method: "GET",
        target: "/users/42/posts/hello-world",
        order: false,
        protocol: KEPT,
        answer: "posthello-worldofuser42",
        usual: false,
    },
    Workload {
        key: "query",
        subject: "Two query parameters",
        method: "GET",
        target: "/search?q=rust&page=3",
        order: false,
        protocol: KEPT,
        answer: "page3ofrust",
        usual: false,
    },
    Workload {
        key: "json-out",
        subject: "JSON out",
        method: "GET",
        target: "/user",
        order: false,
        protocol: KEPT,
        answer: r#"{"id":7,"name":"AdaLovelace","email":"ada@example.org"}"#,
        usual: true,
    },
    Workload {
        key: "json-in",
        subject: "JSON in, 1 KiB",
        method: "POST",
        target: "/orders",
        order: true,
        protocol: KEPT,
        answer: "134.75380",
        usual: true,
    },
    Workload {
        key: "http2",
        subject: "Plaintext over HTTP/2 without TLS",
        method: "GET",
        target: "/hello",
        order: false,
        protocol: Protocol::Http2 { connections: 8, streams: 100 },
        answer: "Hello,World!",
        usual: true,
    },
];

/// An order of twenty lines, about a kibibyte.
pub(crate) fn order() -> String {
    let line = |n| format!(r#"{{"name":"pencil number {n:05}","count":{},"price":1.75}}"#, n % 7 + 1);
    format!(r#"{{"lines":[{}]}}"#, (0..20).map(line).collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_tell_how_much_there_is() {
        let title = |key| WORKLOADS.iter().find(|workload| workload.key == key).unwrap().title();
        assert_eq!(title("json-in"), "JSON in, 1 KiB, 64 connections");
        assert_eq!(title("pipelined"), "Plaintext, 64 connections, 16 requests at once on each");
        assert_eq!(title("http2"), "Plaintext over HTTP/2 without TLS, 8 connections, 100 streams on each");
    }

    #[test]
    fn the_order_is_a_kibibyte_and_its_total_what_is_expected() {
        let document: serde_json::Value = serde_json::from_str(&order()).unwrap();
        let lines = document["lines"].as_array().unwrap();
        let sum: f64 =
            lines.iter().map(|line| line["count"].as_f64().unwrap() * line["price"].as_f64().unwrap()).sum();
        let letters: usize = lines.iter().map(|line| line["name"].as_str().unwrap().len()).sum();
        let expected = WORKLOADS.iter().find(|workload| workload.order).unwrap().answer;
        assert_eq!(format!("{sum:.2}{letters}"), expected);
        assert!((900..1200).contains(&order().len()), "{}", order().len());
    }
}
