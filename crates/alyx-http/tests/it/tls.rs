//! https: certificates that cannot be used are told before anything is served.

use std::net::TcpListener;

use alyx_http::{AppState, Options, ServeError, TlsFiles, serve};
use tempfile::TempDir;

use crate::support::{SCHEMA, open, parse, runtime};

#[test]
fn unusable_certificates_stop_the_start_and_name_the_file() {
    let (runtime, folder) = (runtime(), TempDir::new().unwrap());
    let store = runtime.block_on(open(folder.path(), parse(SCHEMA)));
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&certificate, "no certificate\n").unwrap();
    let mut options = Options::default();
    options.listen.tls = Some(TlsFiles { certificate: certificate.clone(), key });
    let _guard = runtime.enter();
    let outcome = serve(AppState::new(store, options), vec![TcpListener::bind("127.0.0.1:0").unwrap()]);
    match outcome {
        Err(ServeError::TlsFile { path, .. }) => assert_eq!(path, certificate),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it started"),
    }
}
