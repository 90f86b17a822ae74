//! A running server: sockets, workers, TLS, and a stop that finishes what was accepted.

mod connection;
mod listening;
mod signal;
mod tls;

use std::{
    io,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
};

use actix_server::Server;
use tokio::task::JoinHandle;

use crate::AppState;

/// Why a server does not start, or stopped by itself.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A listener cannot be used.
    #[error("the listening socket cannot be used")]
    Listener(#[source] io::Error),
    /// A certificate or key file cannot be read or has no such thing in it.
    #[error("{} cannot be used for https", path.display())]
    TlsFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Certificate and key do not go together.
    #[error("the certificate and the key do not go together")]
    TlsPair(#[source] rustls::Error),
    /// The server itself failed.
    #[error("the server stopped")]
    Stopped(#[source] io::Error),
}

/// A running server. Dropping it does not stop it.
pub struct ServerHandle {
    state: AppState,
    addresses: Vec<SocketAddr>,
    server: actix_server::ServerHandle,
    running: JoinHandle<io::Result<()>>,
    signals: Option<signal::Signals>,
}

/// Starts serving on the listeners; call it within a tokio runtime.
///
/// # Errors
/// Where a listener, a certificate or a key cannot be used.
pub fn serve(state: AppState, listeners: Vec<TcpListener>) -> Result<ServerHandle, ServeError> {
    let listen = &state.options().listen;
    let tls = listen.tls.as_ref().map(tls::load).transpose()?;
    let mut builder = Server::build()
        .workers(listen.workers.max(1))
        .max_concurrent_connections(listen.connections_per_worker.max(1))
        .shutdown_timeout(listen.shutdown_timeout.as_secs())
        .disable_signals();
    let mut addresses = Vec::with_capacity(listeners.len());
    for listener in listeners {
        addresses.push(listener.local_addr().map_err(ServeError::Listener)?);
        builder = listening::listen(builder, listener, &state, tls.clone()).map_err(ServeError::Listener)?;
    }
    if let Some(functions) = state.functions() {
        builder = listening::listen_for_functions(builder, functions.socket(), &state).map_err(ServeError::Listener)?;
    }
    let server = builder.run();
    let handle = server.handle();
    Ok(ServerHandle { state, addresses, server: handle, running: tokio::spawn(server), signals: None })
}

impl ServerHandle {
    /// Where it listens, in the order of the listeners.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The state behind the routes.
    #[must_use]
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Stops accepting, finishes the requests that were accepted, then closes the store.
    ///
    /// # Errors
    /// Where the server had failed before.
    pub async fn stop(self) -> Result<(), ServeError> {
        self.state.sockets().close_all();
        self.server.stop(true).await;
        if let Some(functions) = self.state.functions() {
            functions.close().await;
            crate::functions::flush(&self.state).await;
        }
        let outcome = self.running.await;
        self.state.store().close().await;
        outcome.map_err(io::Error::other).and_then(|stopped| stopped).map_err(ServeError::Stopped)
    }

    /// Hears from now on when the process is asked to end, so that nobody who knows the address can ask too early for
    /// [`Self::run_until_signal`].
    ///
    /// # Errors
    /// Where the system does not tell.
    pub fn listen_for_signals(&mut self) -> Result<(), ServeError> {
        self.signals = Some(signal::Signals::listen().map_err(ServeError::Stopped)?);
        Ok(())
    }

    /// Serves until the process is asked to end (SIGTERM, SIGINT or Ctrl-C), then stops as [`Self::stop`] does.
    ///
    /// A second signal while it stops ends the wait for requests under way.
    ///
    /// # Errors
    /// Where the server fails.
    pub async fn run_until_signal(mut self) -> Result<(), ServeError> {
        let mut signals = match self.signals.take() {
            Some(signals) => signals,
            None => signal::Signals::listen().map_err(ServeError::Stopped)?,
        };
        tokio::select! {
            () = signals.next() => {}
            _ = &mut self.running => {
                self.state.store().close().await;
                return Err(ServeError::Stopped(io::Error::other("the workers are gone")));
            }
        }
        tracing::info!("stopping: finishing the requests that were accepted");
        let server = self.server.clone();
        let stopping = self.stop();
        let hurrying = async {
            signals.next().await;
            server.stop(false).await;
        };
        tokio::pin!(stopping);
        tokio::select! {
            outcome = &mut stopping => return outcome,
            () = hurrying => {}
        }
        stopping.await
    }
}
