//! HTTP over a worker's socket: connections that are kept open, one call at a time on each.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::{Method, Request, StatusCode, client::conn::http1::SendRequest, header::CONTENT_TYPE};
use hyper_util::rt::TokioIo;
use tokio::{net::UnixStream, time::Instant};

/// Time between two tries to reach a worker that has just been started.
const KNOCK: Duration = Duration::from_millis(2);

/// Why a worker gave no answer that can be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    /// Nobody listens any more; the request was never sent.
    #[error("the worker is gone: {0}")]
    Gone(#[source] std::io::Error),
    /// The connection broke.
    #[error("the worker does not answer: {0}")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The answer is longer than it may be.
    #[error("the answer is longer than {0} bytes")]
    TooLong(u64),
}

/// An answer of a worker.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

/// The connections to one worker.
pub(crate) struct Client {
    socket: PathBuf,
    idle: Mutex<Vec<SendRequest<Full<Bytes>>>>,
}

impl Client {
    pub(crate) fn new(socket: &Path) -> Self {
        Self { socket: socket.to_owned(), idle: Mutex::default() }
    }

    /// Asks until there is somebody who listens, then for the answer; `None` where there is none by the deadline.
    pub(crate) async fn first(&self, path: &str, most: u64, deadline: Instant) -> Option<Result<Answer, ClientError>> {
        let asking = async {
            loop {
                match UnixStream::connect(&self.socket).await {
                    Ok(stream) => return self.ask(stream, path, most).await,
                    Err(_) => tokio::time::sleep(KNOCK).await,
                }
            }
        };
        tokio::time::timeout_at(deadline, asking).await.ok()
    }

    async fn ask(&self, stream: UnixStream, path: &str, most: u64) -> Result<Answer, ClientError> {
        let connection = open(stream).await?;
        self.send(connection, Method::GET, path, (Bytes::new(), most)).await
    }

    /// One request; dropped before its answer came, it closes its connection.
    pub(crate) async fn request(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
        most: u64,
    ) -> Result<Answer, ClientError> {
        let connection = match self.kept().await {
            Some(connection) => connection,
            None => open(UnixStream::connect(&self.socket).await.map_err(ClientError::Gone)?).await?,
        };
        self.send(connection, method, path, (body, most)).await
    }

    async fn send(
        &self,
        mut connection: SendRequest<Full<Bytes>>,
        method: Method,
        path: &str,
        (body, most): (Bytes, u64),
    ) -> Result<Answer, ClientError> {
        let request = Request::builder().method(method).uri(path).header("host", "alyx");
        let request = request.header(CONTENT_TYPE, "application/json").body(Full::new(body)).map_err(broken)?;
        let answer = match connection.try_send_request(request).await {
            Ok(answer) => answer,
            // The worker closed a kept connection at this moment, and never saw the request.
            Err(mut refused) => match refused.take_message() {
                Some(request) => {
                    connection = open(UnixStream::connect(&self.socket).await.map_err(ClientError::Gone)?).await?;
                    connection.send_request(request).await.map_err(broken)?
                }
                None => return Err(broken(refused.into_error())),
            },
        };
        let status = answer.status();
        let limit = usize::try_from(most).unwrap_or(usize::MAX);
        let collected = Limited::new(answer.into_body(), limit).collect().await;
        let body = collected.map_err(|error| match error.is::<LengthLimitError>() {
            true => ClientError::TooLong(most),
            false => ClientError::Broken(error),
        })?;
        if !connection.is_closed() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
        Ok(Answer { status, body: body.to_bytes() })
    }

    /// A connection that is still open.
    async fn kept(&self) -> Option<SendRequest<Full<Bytes>>> {
        loop {
            let mut connection = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            if connection.ready().await.is_ok() {
                return Some(connection);
            }
        }
    }
}

async fn open(stream: UnixStream) -> Result<SendRequest<Full<Bytes>>, ClientError> {
    let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to a worker ended");
        }
    });
    Ok(sender)
}

fn broken(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ClientError {
    ClientError::Broken(error.into())
}
