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
pub fn ask(address: SocketAddr, workload: &Workload) -> Result<Vec<u8>, Failure> {
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
