//! What the server says of itself.

use alyx_testing::json;

use crate::support::{TestApp, check_error};

#[test]
fn the_root_says_what_this_is() {
    let app = TestApp::start();
    let info = app.anyone().get("/").expect_status(200).json();
    assert_eq!((&info["name"], &info["links"]["docs"]), (&json!("alyx"), &json!("/api/docs")));
}

#[test]
fn a_running_server_is_alive_and_ready() {
    let app = TestApp::start();
    for path in ["/health", "/health/live", "/health/ready"] {
        assert_eq!(app.anyone().get(path).expect_status(200).json()["status"], "ok");
    }
}

#[test]
fn without_its_database_it_is_alive_and_not_ready() {
    let app = TestApp::start();
    app.runtime.block_on(app.state.store().close());
    let _ = app.anyone().get("/health/live").expect_status(200);
    for path in ["/health", "/health/ready"] {
        let refused = app.anyone().get(path);
        assert_eq!(refused.header("retry-after"), Some("1"));
        check_error(refused, 503, "UNAVAILABLE");
    }
    let refused = app.anyone().post("/api/collections/notes", &json!({"title": "a"}));
    check_error(refused, 503, "UNAVAILABLE");
}

#[test]
fn figures_are_for_the_administrator() {
    let app = TestApp::start();
    app.note("a");
    check_error(app.anyone().get("/health/stats"), 401, "UNAUTHORIZED");
    let stats = app.admin().get("/health/stats").expect_status(200).json();
    assert_eq!((&stats["store"]["writes"], &stats["collections"]), (&json!(1), &json!(3)));
    assert_eq!((&stats["requests_in_flight"], &stats["store"]["feed_position"]), (&json!(1), &json!(1)));
}

#[test]
fn metrics_count_requests_under_patterns_only() {
    let app = TestApp::start();
    let id = app.note("a");
    for path in [format!("/api/collections/notes/{id}"), "/api/collections/notes/x".into(), "/wp-admin.php".into()] {
        app.anyone().get(&path);
    }
    app.anyone().send("BREW", "/", None);
    let metrics = app.anyone().get("/metrics").expect_status(200);
    assert_eq!(metrics.header("content-type"), Some("application/openmetrics-text; version=1.0.0; charset=utf-8"));
    let text = metrics.text();
    let document = "route=\"/api/collections/{collection}/{id}\"";
    for line in [
        format!("alyx_http_requests_total{{method=\"GET\",{document},status=\"2xx\"}} 1"),
        format!("alyx_http_requests_total{{method=\"GET\",{document},status=\"4xx\"}} 1"),
        "alyx_http_requests_total{method=\"GET\",route=\"unknown\",status=\"4xx\"} 1".to_owned(),
        "alyx_http_requests_total{method=\"other\",route=\"/\",status=\"4xx\"} 1".to_owned(),
        format!("alyx_http_request_duration_seconds_count{{{document}}} 2"),
        "alyx_http_requests_in_flight 1".to_owned(),
        "alyx_store_writes_total 1".to_owned(),
        "alyx_store_queue_depth 0".to_owned(),
        "alyx_store_commit_size_bucket{le=\"1.0\"} 1".to_owned(),
        "alyx_store_commit_size_bucket{le=\"+Inf\"} 1".to_owned(),
        "alyx_store_commit_size_sum 1.0".to_owned(),
        "alyx_feed_position 1".to_owned(),
        "alyx_feed_lag 0".to_owned(),
    ] {
        assert!(text.lines().any(|written| written == line), "no line {line} in\n{text}");
    }
    assert!(!text.contains("wp-admin") && !text.contains(&id) && !text.contains("BREW"));
}
