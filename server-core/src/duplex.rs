//! Both directions of a stream, as one type.

use tokio::io::{AsyncRead, AsyncWrite};

/// What a boxed stream can do: a trait object has one trait.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}
