//! https: what is served over it, and certificates that cannot be used.

use std::{
    io::{BufReader, Write},
    net::TcpListener,
    net::TcpStream,
    path::{Path, PathBuf},
    sync::Arc,
};

use alyx_http::{AppState, Options, ServeError, TlsFiles, serve};
use alyx_testing::Response;
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tempfile::TempDir;

use crate::support::{SCHEMA, TestApp, check_error, open, parse, runtime};

/// Files for `localhost` that only tests use.
fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls").join(name)
}

fn app() -> TestApp {
    TestApp::with(|options| {
        options.listen.tls = Some(TlsFiles { certificate: file("certificate.pem"), key: file("key.pem") });
    })
}

fn connect(app: &TestApp, protocols: &[&[u8]]) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(file("certificate.pem")).unwrap()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let session = ClientConnection::new(Arc::new(config), ServerName::try_from("localhost").unwrap()).unwrap();
    StreamOwned::new(session, TcpStream::connect(app.address).unwrap())
}

#[test]
fn requests_are_answered_over_tls() {
    let app = app();
    let mut stream = connect(&app, &[]);
    stream.write_all(b"GET /api/collections/notes HTTP/1.1\r\nHost: localhost\r\n\r\nnonsense\r\n\r\n").unwrap();
    let mut reader = BufReader::new(stream);
    let page = Response::read(&mut reader, false).unwrap().expect_status(200);
    assert_eq!(page.json()["total"], 0);
    check_error(Response::read(&mut reader, false).unwrap(), 400, "MALFORMED_REQUEST");
}

#[test]
fn http_2_is_chosen_where_the_client_speaks_it() {
    let app = app();
    let mut stream = connect(&app, &[b"h2", b"http/1.1"]);
    stream.flush().unwrap();
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock).unwrap();
    }
    assert_eq!(stream.conn.alpn_protocol(), Some(&b"h2"[..]));
}

#[test]
fn unusable_certificates_stop_the_start_and_name_the_file() {
    let (runtime, folder) = (runtime(), TempDir::new().unwrap());
    let (served, auth) = runtime.block_on(open(folder.path(), &parse(SCHEMA)));
    let certificate = folder.path().join("cert.pem");
    std::fs::write(&certificate, "no certificate\n").unwrap();
    let mut options = Options::default();
    options.listen.tls = Some(TlsFiles { certificate: certificate.clone(), key: file("key.pem") });
    let _guard = runtime.enter();
    let outcome = serve(AppState::new(served, auth, options), vec![TcpListener::bind("127.0.0.1:0").unwrap()]);
    match outcome {
        Err(ServeError::TlsFile { path, .. }) => assert_eq!(path, certificate),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it started"),
    }
}
