//! Four ports for one router, by hyper-util's server and tokio-rustls.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::Failed;

/// Until the process is asked to end.
pub(crate) async fn serve(app: Router) -> Result<(), Failed> {
    // From before anybody can know that it runs.
    let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    let both = Builder::new(TokioExecutor::new());
    let plain = bind("plain", "PORT", 8080).await?;
    let tls = bind("tls", "TLS_PORT", 8081).await?;
    let h2c = bind("h2c", "H2C_PORT", 8082).await?;
    let h2 = bind("h2", "H2_PORT", 8443).await?;
    let (http1, http2) = (acceptor(&["http/1.1"])?, acceptor(&["h2", "http/1.1"])?);
    tokio::spawn(accept(plain, None, both.clone(), app.clone()));
    tokio::spawn(accept(tls, Some(http1), both.clone().http1_only(), app.clone()));
    tokio::spawn(accept(h2c, None, both.clone().http2_only(), app.clone()));
    tokio::spawn(accept(h2, Some(http2), both, app));
    tokio::select! {
        _ = terminated.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
    }
}

/// Prints its real port.
#[allow(clippy::print_stdout)]
async fn bind(name: &str, variable: &str, port: u16) -> Result<TcpListener, Failed> {
    let port = match std::env::var(variable) {
        Ok(text) => text.parse()?,
        Err(_) => port,
    };
    let host = std::env::var("HOST").unwrap_or("0.0.0.0".to_owned());
    let listener = TcpListener::bind((host, port)).await?;
    println!("{name}: http://{}", listener.local_addr()?);
    Ok(listener)
}

fn acceptor(protocols: &[&str]) -> Result<TlsAcceptor, Failed> {
    let folder = std::env::var("CERT_DIR").ok().filter(|folder| !folder.is_empty());
    let files = folder.map(|folder| [format!("{folder}/server.crt"), format!("{folder}/server.key")]);
    let (certificate, key) = match files {
        Some([certificate, key]) if Path::new(&certificate).exists() || Path::new(&key).exists() => {
            (std::fs::read(certificate)?, std::fs::read(key)?)
        }
        _ => {
            let own = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
            (own.cert.pem().into_bytes(), own.signing_key.serialize_pem().into_bytes())
        }
    };
    let chain = CertificateDer::pem_slice_iter(&certificate).collect::<Result<_, _>>()?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_slice(&key)?)?;
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    Ok(TlsAcceptor::from(Arc::new(config)))
}

async fn accept(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    builder: Builder<TokioExecutor>,
    app: Router,
) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let (tls, builder, app) = (tls.clone(), builder.clone(), app.clone());
        tokio::spawn(async move {
            match tls {
                None => answer(stream, builder, app).await,
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        answer(stream, builder, app).await;
                    }
                }
            }
        });
    }
}

async fn answer<S>(stream: S, builder: Builder<TokioExecutor>, app: Router)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (stream, service) = (TokioIo::new(stream), TowerToHyperService::new(app));
    // With upgrades it would speak both protocols, whatever it is told.
    let _ = match builder.is_http1_available() && builder.is_http2_available() {
        true => builder.serve_connection_with_upgrades(stream, service).await,
        false => builder.serve_connection(stream, service).await,
    };
}
