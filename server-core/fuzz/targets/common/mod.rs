//! What the targets share: the program round each of them, requests, and an independent reading of escapes.
#![allow(dead_code, reason = "not every target needs all of it")]

use futures_util::FutureExt as _;
use percent_encoding::percent_decode;
use waypost::http::{Method, Request, Uri};
use waypost::test::Client;
use waypost::{Body, Respond};

/// The program: driven by libFuzzer, or, without the feature, run with the files that the command line names.
macro_rules! target {
    ($run:path) => {
        #[cfg(feature = "libfuzzer")]
        libfuzzer_sys::fuzz_target!(|data: &[u8]| $run(data));

        #[cfg(not(feature = "libfuzzer"))]
        fn main() -> std::io::Result<()> {
            std::env::args_os().skip(1).try_for_each(|file| {
                $run(&std::fs::read(file)?);
                Ok(())
            })
        }
    };
}
pub(crate) use target;

/// `prefix` and then these bytes, as a request's target, if they can be one.
pub(crate) fn uri(prefix: &str, rest: &[u8]) -> Option<Uri> {
    Uri::try_from([prefix.as_bytes(), rest].concat()).ok()
}

/// Status and text of an answer; nothing in it may have to wait.
pub(crate) fn ask<A: Respond>(client: &Client<A>, method: Method, uri: Uri) -> (u16, String) {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    let answer = async {
        let reply = client.send(request).await;
        (reply.status().as_u16(), reply.text().await)
    };
    let Some((status, text)) = answer.now_or_never() else { panic!("the answer waits") };
    assert!(status < 500, "{status} {text}");
    (status, text)
}

/// The bytes that an escaped text stands for, as the `percent-encoding` crate reads it.
pub(crate) fn decoded(raw: &[u8]) -> Vec<u8> {
    percent_decode(raw).collect()
}

/// The text that an escaped one stands for, if it is one.
pub(crate) fn text(raw: &[u8]) -> Option<String> {
    String::from_utf8(decoded(raw)).ok()
}
