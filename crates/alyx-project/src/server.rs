//! The server of a project: its socket, and its address as a person types it.

use std::{
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, ToSocketAddrs},
    sync::Arc,
};

use alyx_auth::Mailer;
use alyx_config::Secret;
use alyx_functions::Deployment;
use alyx_http::{AppState, Options, Served, ServerHandle, serve};

use crate::functions::ProjectFunctions;
use crate::{DataLock, Error, Opened, Project, Result, port};

/// What a server is given besides its project.
#[derive(Clone, Default)]
pub struct Serving {
    /// The administrator's token.
    pub token: Option<Secret>,
    /// How mail leaves where the settings name no server for it.
    pub mailer: Option<Arc<dyn Mailer>>,
    /// Whether functions may run as processes where the settings leave it open and there is no container engine.
    pub processes: bool,
}

/// A project that is being served.
pub struct Running {
    handle: ServerHandle,
    url: String,
    pub(crate) functions: Option<ProjectFunctions>,
    // Held until the server has stopped.
    _lock: Option<DataLock>,
}

impl Project {
    /// Takes the port, so that a taken one is noticed before anything changes.
    ///
    /// # Errors
    /// The port is taken, or the address is not this machine's.
    pub fn listen(&self) -> Result<TcpListener> {
        let server = &self.settings.config.server;
        let host = server.host.as_str();
        let named = format!("{}:{}", bracketed(host), server.port);
        let unusable = |source| Error::Listen { address: named.clone(), source };
        let addresses: Vec<SocketAddr> = (host, server.port).to_socket_addrs().map_err(unusable)?.collect();
        // A name such as `localhost` may stand for several addresses; IPv4 is what people type.
        let preferred = addresses.iter().find(|address| address.is_ipv4()).or(addresses.first());
        let address = *preferred.ok_or_else(|| unusable(ErrorKind::NotFound.into()))?;
        TcpListener::bind(address).map_err(|fault| match fault.kind() {
            ErrorKind::AddrInUse => Error::Taken { address: named.clone(), holder: port::holder(address) },
            _ => unusable(fault),
        })
    }

    /// Serves an opened project.
    ///
    /// # Errors
    /// The socket, the certificate, keys or texts of mail cannot be used.
    pub async fn serve(&self, opened: Opened, listener: TcpListener, serving: Serving) -> Result<Running> {
        let config = &self.settings.config;
        let options = Options::from_config(config, self.folder(), serving.token.as_ref().map(Secret::expose));
        let scheme = if options.listen.tls.is_some() { "https" } else { "http" };
        let address = listener.local_addr().map(|address| format!("{scheme}://{}", reachable(address)));
        let url = address.unwrap_or_default();
        let mailer = serving.mailer.filter(|_| config.mail.host.is_none());
        let auth = self.open_auth(Some(&url), mailer)?;
        let (database, lock) = opened.into_parts();
        let store = database.into_store(self.schema.clone()).await?;
        follow(&auth, &store);
        let served = Served::new(store, self.rules.clone());
        let functions = self.start_functions(serving.processes).await?;
        let mut state = AppState::new(served, auth, options);
        if let Some(functions) = &functions {
            state = state.with_functions(functions.functions.clone());
        }
        let mut handle = serve(state, vec![listener])?;
        handle.listen_for_signals()?;
        if let Some(functions) = functions.clone() {
            let schema = self.schema.clone();
            // Installing what they depend on may take long; everything else is served meanwhile.
            tokio::spawn(async move {
                match functions.deploy(&schema).await {
                    Ok(deployment) => log_faults(&deployment),
                    Err(error) => tracing::error!(%error, "the functions cannot be served"),
                }
            });
        }
        Ok(Running { handle, url, functions, _lock: lock })
    }
}

fn log_faults(deployment: &Deployment) {
    for (name, faults) in &deployment.broken {
        for fault in faults {
            tracing::error!(function = name, "{fault}");
        }
    }
}

/// Keeps what is remembered of accounts in step with the database for as long as the store is open.
pub(crate) fn follow(auth: &alyx_auth::Auth, store: &alyx_store::Store) {
    let (auth, store) = (auth.clone(), store.downgrade());
    tokio::spawn(async move { auth.follow(&store).await });
}

impl Project {
    /// Takes the port, brings the database in line, logs what that changed, and serves.
    ///
    /// # Errors
    /// The project is being served already, the port is taken, or a change needs a migration file.
    pub async fn start(&self, serving: Serving) -> Result<Running> {
        let lock = self.lock()?;
        let listener = self.listen()?;
        let opened = self.open(lock, &mut |_| {}).await?;
        for stage in opened.applied() {
            for line in stage.lines.iter().chain(&stage.notes) {
                tracing::info!(migration = stage.title, "{line}");
            }
        }
        self.serve(opened, listener, serving).await
    }
}

impl Running {
    pub(crate) fn state(&self) -> &AppState {
        self.handle.state()
    }

    /// The link that makes the first administrator; `None` where there is one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn set_up_link(&self) -> Result<Option<String>> {
        let state = self.state();
        Ok(state.auth().set_up_link(&state.store()).await?)
    }

    /// The address to type into a browser on this machine, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Serves until the process is asked to end, then finishes what was accepted.
    ///
    /// # Errors
    /// The server failed.
    pub async fn run_until_signal(self) -> Result<()> {
        let auth = self.state().auth().clone();
        self.handle.run_until_signal().await?;
        auth.settle().await;
        Ok(())
    }
}

fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

/// `0.0.0.0` is every address; one of them is this machine itself.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        ip if ip.is_unspecified() => SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port()),
        _ => address,
    }
}
