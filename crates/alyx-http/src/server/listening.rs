//! From an accepted socket to the routes: plain HTTP/1.1, or TLS with HTTP/1.1 and HTTP/2.

use std::{
    fs, io,
    net::{SocketAddr, TcpListener},
    os::unix::{fs::PermissionsExt, net::UnixListener},
    path::Path,
    time::Duration,
};

use actix_http::{HttpService, KeepAlive, Protocol, Request, Response, body::BoxBody, error::DispatchError};
use actix_server::{GracefulShutdownSignal, ServerBuilder};
use actix_service::{IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_tls::accept::{
    TlsError,
    rustls_0_23::{Acceptor, TlsStream},
};
use actix_web::{
    App,
    dev::AppConfig,
    middleware::from_fn,
    web::{self, Data},
};
use rustls::ServerConfig;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
};

use super::connection::Connection;
use crate::{AppState, layer, routes};

/// Longest TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// What the HTTP layer takes: a stream, what is spoken on it, and who is at the other end.
type Accepted<T> = (Connection<T>, Protocol, Option<SocketAddr>);

/// Adds a listener to the server.
pub(super) fn listen(
    builder: ServerBuilder,
    listener: TcpListener,
    state: &AppState,
    tls: Option<ServerConfig>,
) -> io::Result<ServerBuilder> {
    let (state, stopping) = (state.clone(), builder.graceful_shutdown_signal());
    match tls {
        None => builder.listen("http", listener, move || plain(&state, &stopping)),
        Some(tls) => builder.listen("https", listener, move || encrypted(&state, &stopping, tls.clone())),
    }
}

fn plain(
    state: &AppState,
    stopping: &GracefulShutdownSignal,
) -> impl ServiceFactory<TcpStream, Config = (), Response = (), Error = DispatchError, InitError = ()> + use<> {
    let accepted = state.clone();
    fn_service(move |stream: TcpStream| {
        let state = accepted.clone();
        async move {
            let peer = prepare(&stream);
            Ok::<Accepted<TcpStream>, DispatchError>((Connection::new(stream, state, peer), Protocol::Http1, peer))
        }
    })
    .and_then(speaking_http(state, stopping))
}

/// Adds the socket on which functions call back; what is in its place goes.
pub(super) fn listen_for_functions(builder: ServerBuilder, path: &Path, state: &AppState) -> io::Result<ServerBuilder> {
    let listener = UnixListener::bind(path)?;
    // Workers in containers may run as another user; what they may do is in their tokens.
    fs::set_permissions(path, fs::Permissions::from_mode(0o666))?;
    let (state, stopping) = (state.clone(), builder.graceful_shutdown_signal());
    builder.listen_uds("functions", listener, move || {
        let accepted = state.clone();
        fn_service(move |stream: UnixStream| {
            let state = accepted.clone();
            async move {
                Ok::<Accepted<UnixStream>, DispatchError>((Connection::new(stream, state, None), Protocol::Http1, None))
            }
        })
        .and_then(speaking_http(&state, &stopping))
    })
}

fn encrypted(
    state: &AppState,
    stopping: &GracefulShutdownSignal,
    mut tls: ServerConfig,
) -> impl ServiceFactory<TcpStream, Config = (), Response = (), Error = TlsError<io::Error, DispatchError>, InitError = ()>
+ use<> {
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let mut acceptor = Acceptor::new(tls);
    acceptor.set_handshake_timeout(HANDSHAKE);
    let accepted = state.clone();
    acceptor
        .map_init_err(|_| ())
        .map_err(TlsError::into_service_error)
        .and_then(move |stream: TlsStream<TcpStream>| {
            let state = accepted.clone();
            async move {
                let (socket, session) = stream.get_ref();
                let peer = prepare(socket);
                let is_http2 = session.alpn_protocol() == Some(b"h2");
                let protocol = if is_http2 { Protocol::Http2 } else { Protocol::Http1 };
                Ok::<Accepted<TlsStream<TcpStream>>, _>((Connection::new(stream, state, peer), protocol, peer))
            }
        })
        .and_then(speaking_http(state, stopping).map_err(TlsError::Service))
}

/// Small answers go out at once.
fn prepare(socket: &TcpStream) -> Option<SocketAddr> {
    if let Err(fault) = socket.set_nodelay(true) {
        tracing::debug!(%fault, "a socket keeps its delay");
    }
    socket.peer_addr().ok()
}

fn speaking_http<T: AsyncRead + AsyncWrite + Unpin + 'static>(
    state: &AppState,
    stopping: &GracefulShutdownSignal,
) -> impl ServiceFactory<Accepted<T>, Config = (), Response = (), Error = DispatchError, InitError = ()> + use<T> {
    let listen = &state.options().listen;
    let stopping = stopping.clone();
    HttpService::build()
        .graceful_shutdown_signal(move || {
            let stopping = stopping.clone();
            async move { stopping.notified().await }
        })
        .keep_alive(listen.keep_alive.map_or(KeepAlive::Os, KeepAlive::Timeout))
        .client_request_timeout(listen.head_timeout.unwrap_or_default())
        .client_disconnect_timeout(Duration::from_secs(1))
        .finish(app(state.clone()))
}

fn app(
    state: AppState,
) -> impl ServiceFactory<Request, Config = (), Response = Response<BoxBody>, Error = Response<BoxBody>, InitError = ()>
{
    let app = App::new()
        .app_data(Data::new(state.clone()))
        .configure(routes::routes)
        .default_service(web::to(routes::unknown_path))
        .wrap(from_fn(move |request, next| layer::around(state.clone(), request, next)));
    let app = app.into_factory().map(Response::from).map_err(|error| Response::from(error.error_response()));
    map_config(app, |()| AppConfig::default())
}
