//! Requests with many fields.

use http_body_util::BodyExt as _;
use waypost::__connection::Limits;

use super::{connect, get};
use crate::raw::Site;

#[tokio::test(start_paused = true)]
async fn cookies_are_counted_one_by_one() {
    for (most, fields, status) in [(100, 99, 200), (100, 101, 431), (10, 9, 200), (10, 11, 431)] {
        let limits = Limits { fields: most, ..Limits::default() };
        let (mut sender, ..) = connect(Site::default(), limits.clone(), 1 << 16).http2().await;
        for name in ["cookie", "x"] {
            let mut request = get("/");
            for n in 0..fields {
                request.headers_mut().append(name, format!("a={n}").parse().unwrap());
            }
            let response = sender.send_request(request).await.unwrap();
            assert_eq!(response.status(), status, "{fields} × {name}");
            let body = response.into_body().collect().await.unwrap().to_bytes();
            if status == 431 {
                assert!(String::from_utf8(body.to_vec()).unwrap().contains("too many fields"));
            }
        }

        let mut served = connect(Site::default(), limits, 1 << 16);
        served.wire.send(format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(fields - 1))).await;
        assert_eq!(served.wire.reply().await.status, status, "{fields} in HTTP/1");
    }
}
