//! One request over HTTP/2, so that it is known to be answered as it should be before it is sent over and over.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};

use crate::Failure;
use crate::workloads::Workload;

/// Longer than any of the servers waits for anything.
const PATIENCE: Duration = Duration::from_secs(30);

/// The body of the answer, which is a 200.
pub(crate) fn ask(address: SocketAddr, workload: &Workload) -> Result<Vec<u8>, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let asked = async { tokio::time::timeout(PATIENCE, exchange(address, workload)).await };
    runtime.block_on(asked).map_err(|_| "no answer over HTTP/2")?
}

async fn exchange(address: SocketAddr, workload: &Workload) -> Result<Vec<u8>, Failure> {
    let stream = tokio::net::TcpStream::connect(address).await?;
    let (mut client, connection) = h2::client::handshake(stream).await?;
    // It ends with this runtime.
    tokio::spawn(connection);
    let mut request =
        Request::builder().method(workload.method).uri(format!("http://{address}{}", workload.target));
    if workload.order {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    let body = workload.body();
    let (answer, mut sent) = client.send_request(request.body(())?, body.is_empty())?;
    if !body.is_empty() {
        sent.send_data(Bytes::from(body), true)?;
    }
    let answer = answer.await?;
    if answer.status() != 200 {
        return Err(format!("answered {}", answer.status()).into());
    }
    let (mut pieces, mut content) = (answer.into_body(), Vec::new());
    while let Some(piece) = pieces.data().await {
        let piece = piece?;
        pieces.flow_control().release_capacity(piece.len())?;
        content.extend_from_slice(&piece);
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::check;
    use crate::workloads::WORKLOADS;

    /// A server that gives one answer to everything on one connection.
    fn server(status: u16, text: &'static str) -> SocketAddr {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let mut connection = h2::server::handshake(listener.accept().await.unwrap().0).await.unwrap();
                while let Some(Ok((_, mut answer))) = connection.accept().await {
                    let head = http::Response::builder().status(status).body(()).unwrap();
                    answer.send_response(head, false).unwrap().send_data(text.into(), true).unwrap();
                }
            });
        });
        address
    }

    #[test]
    fn a_wrong_answer_is_found_before_the_load() {
        let http2 = WORKLOADS.iter().find(|workload| workload.is_http2()).unwrap();
        check(server(200, "Hello, World!"), http2).unwrap();
        for (status, text) in [(200, "Hello!"), (200, ""), (404, "Hello, World!"), (500, "")] {
            assert!(check(server(status, text), http2).is_err(), "{status} {text}");
        }
    }
}
