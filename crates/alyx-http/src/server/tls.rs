//! https from certificate files.

use std::{path::Path, sync::Arc};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{Error as PemError, PemObject},
    },
};

use super::ServeError;
use crate::options::TlsFiles;

/// Reads the files; the cryptography is named, so that it does not depend on who else is in the process.
pub(super) fn load(files: &TlsFiles) -> Result<ServerConfig, ServeError> {
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, PemError>>)
        .map_err(|fault| unusable(&files.certificate, fault))?;
    if chain.is_empty() {
        return Err(unusable(&files.certificate, PemError::NoItemsFound));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|fault| unusable(&files.key, fault))?;
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(ServeError::TlsPair)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(ServeError::TlsPair)
}

fn unusable(path: &Path, source: PemError) -> ServeError {
    ServeError::TlsFile { path: path.to_owned(), source: Box::new(source) }
}
