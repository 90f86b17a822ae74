//! The routes in another actix app, beside routes of its own, and the layer around a handler that panics.

use std::{net::TcpListener, sync::mpsc};

use actix_web::{App, HttpResponse, HttpServer, dev::ServerHandle, error, web};
use alyx_http::{AppState, Options, configure_with};
use alyx_testing::Client;
use tempfile::TempDir;

use crate::support::{SCHEMA, open, parse, runtime};

async fn own() -> &'static str {
    "mine"
}

async fn panicking() -> HttpResponse {
    panic!("a handler with secret {}", 42)
}

async fn failing() -> actix_web::Result<HttpResponse> {
    Err(error::ErrorBadGateway("secret upstream"))
}

fn inside(config: &mut web::ServiceConfig) {
    config.route("/panic", web::get().to(panicking)).route("/fail", web::get().to(failing));
}

/// An app of our own with ours in it; it stops with the test.
struct Mounted {
    client: Client,
    handle: ServerHandle,
    _folder: TempDir,
}

impl Drop for Mounted {
    fn drop(&mut self) {
        runtime().block_on(self.handle.stop(false));
    }
}

/// Runs an app of our own on its thread; the folder holds the database.
fn start() -> Mounted {
    let folder = TempDir::new().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let database = folder.path().to_owned();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let (served, auth) = open(&database, &parse(SCHEMA)).await;
            let state = AppState::new(served, auth, Options::default());
            let app = move || {
                let state = state.clone();
                App::new().route("/own", web::get().to(own)).configure(|config| configure_with(config, state, inside))
            };
            let server = HttpServer::new(app).workers(1).listen(listener).unwrap().disable_signals().run();
            sender.send(server.handle()).unwrap();
            server.await.unwrap();
        });
    });
    let handle = receiver.recv().unwrap();
    Mounted { client: Client::new(address), handle, _folder: folder }
}

#[test]
fn routes_of_ones_own_come_first_and_ours_answer_the_rest() {
    let app = start();
    assert_eq!(app.client.get("/own").expect_status(200).text(), "mine");
    let _ = app.client.get("/api/collections/notes").expect_status(200);
    let _ = app.client.get("/").expect_status(200);
    let unknown = app.client.get("/nothing").expect_status(404);
    assert_eq!(unknown.error_code(), "NOT_FOUND");
}

#[test]
fn ac32_a_panic_is_500_and_the_server_goes_on() {
    let app = start();
    for _ in 0..10 {
        let answer = app.client.get("/panic").expect_status(500);
        assert_eq!(answer.error_code(), "INTERNAL");
        assert!(!answer.text().contains("secret"));
        assert_eq!(answer.json()["request_id"].as_str(), answer.header("x-request-id"));
    }
    let metrics = app.client.get("/metrics").text();
    assert!(metrics.contains("alyx_http_requests_in_flight 1\n"));
    assert!(metrics.contains("alyx_http_requests_total{method=\"GET\",route=\"unknown\",status=\"5xx\"} 10\n"));
}

#[test]
fn errors_of_other_handlers_get_the_shape_and_tell_nothing() {
    let app = start();
    let answer = app.client.get("/fail").expect_status(502);
    assert_eq!(answer.error_code(), "INTERNAL");
    assert!(!answer.text().contains("secret"));
}
