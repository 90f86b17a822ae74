//! From a project's settings to those of the HTTP face.

use std::{num::NonZeroU32, path::Path};

use alyx_config::Config;

use super::{
    AdminToken, CorsOptions, ExecutionOptions, ListenOptions, Options, RealtimeOptions, TlsFiles, TransactionOptions,
};

impl Options {
    /// What the project in the folder `project` asks for; the token is `ALYX_ADMIN_TOKEN`'s.
    #[must_use]
    pub fn from_config(config: &Config, project: &Path, admin_token: Option<&str>) -> Self {
        let server = &config.server;
        Self {
            admin_token: admin_token.map(AdminToken::new),
            body_limit: server.body_limit.value().map(|size| size.0),
            request_timeout: server.timeouts.request.value(),
            trusted_proxies: server.trusted_proxies.clone(),
            cors: CorsOptions {
                origins: server.cors.origins.iter().map(ToString::to_string).collect(),
                credentials: server.cors.credentials,
                max_age: server.cors.max_age,
            },
            docs: config.docs.enabled,
            compression: server.compression,
            access_log: config.logging.access,
            public_url: server.public_url.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned()),
            admin_pages: config.admin_ui.enabled,
            settings: config.redacted_json(),
            realtime: RealtimeOptions {
                max_connections: config.realtime.max_connections.value(),
                max_subscriptions: config.realtime.max_subscriptions.value(),
                max_channels: config.realtime.max_channels.value(),
                message_limit: config.realtime.message_limit.value().map(|size| size.0),
                ping_interval: config.realtime.ping_interval,
                queue: usize::try_from(config.realtime.queue.get()).unwrap_or(usize::MAX),
            },
            transactions: transactions(config),
            functions: ExecutionOptions {
                retention: config.functions.retention.value(),
                retention_rows: config.functions.retention_rows.value().map(NonZeroU32::get),
            },
            listen: ListenOptions {
                head_timeout: server.timeouts.header.value(),
                keep_alive: server.timeouts.keep_alive.value(),
                shutdown_timeout: server.timeouts.shutdown,
                tls: tls(config, project),
                ..ListenOptions::default()
            },
        }
    }
}

fn transactions(config: &Config) -> TransactionOptions {
    let transactions = &config.database.transactions;
    TransactionOptions {
        lease: transactions.lease,
        idle_timeout: transactions.idle_timeout,
        max_duration: transactions.max_duration.value(),
        max_per_caller: transactions.max_per_caller.value(),
        max_operations: transactions.max_operations.value(),
    }
}

fn tls(config: &Config, project: &Path) -> Option<TlsFiles> {
    let tls = &config.server.tls;
    let (certificate, key) = tls.cert.as_ref().zip(tls.key.as_ref())?;
    Some(TlsFiles { certificate: project.join(certificate), key: project.join(key) })
}
