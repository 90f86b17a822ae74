//! Default, file, variable, flag: the later wins, for every kind.

use alyx_config::{Config, Flag};

use crate::support::Given;

/// What one setting is with nothing, with the file, with the variable too, and with the flag too.
#[track_caller]
fn check(path: &str, [default, file, variable, flag]: [&str; 4]) {
    let name = format!("ALYX_{}", path.replace('.', "_").to_uppercase());
    let mut text = String::new();
    for (depth, part) in path.split('.').enumerate() {
        text.push_str(&format!("\n{}{part}:", "  ".repeat(depth)));
    }
    text.push_str(&format!(" {file}\n"));
    let variables = [(name.as_str(), variable)];
    let flags = [Flag { name: "--flag", path, value: flag }];
    let (mut given, mut seen) = (Given::default(), Vec::new());
    seen.push(shown(&given, path));
    given.file = Some(&text);
    seen.push(shown(&given, path));
    given.variables = &variables;
    seen.push(shown(&given, path));
    given.flags = &flags;
    seen.push(shown(&given, path));
    assert_eq!(seen, [default, file, variable, flag].map(|text| text.trim_matches('"').to_owned()), "{path}");
}

fn shown(given: &Given<'_>, path: &str) -> String {
    let json = given.resolve().expect("nothing is wrong").redacted_json();
    let value = path.split('.').fold(&json, |json, key| &json[key]);
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[test]
fn a_bool_follows_the_order() {
    check("server.compression", ["true", "false", "true", "false"]);
}

#[test]
fn an_int_follows_the_order() {
    check("server.port", ["8090", "1", "2", "3"]);
    check("database.readers", ["4", "1", "2", "3"]);
    check("functions.go.min_warm", ["1", "5", "0", "3"]);
}

#[test]
fn a_number_follows_the_order() {
    check("functions.node.cpu_limit", ["1.0", "0.5", "2.5", "off"]);
}

#[test]
fn a_string_follows_the_order() {
    check("auth.jwt.issuer", ["alyx", "one", "two", "three"]);
}

#[test]
fn a_duration_follows_the_order() {
    check("auth.jwt.access_ttl", ["15m", "20m", "2h", "30s"]);
    check("server.timeouts.request", ["30s", "50ms", "off", "1d"]);
}

#[test]
fn a_rate_follows_the_order() {
    check("auth.rate_limit.login", ["5/minute", "1/second", "off", "9/day"]);
}

#[test]
fn a_size_follows_the_order() {
    check("server.body_limit", ["8MiB", "1MB", "10KiB", "off"]);
    check("database.cache", ["64MB", "1GiB", "7B", "3GB"]);
}

#[test]
fn a_word_follows_the_order() {
    check("database.synchronous", ["normal", "full", "off", "normal"]);
    check("logging.level", ["info", "trace", "warn", "error"]);
}

#[test]
fn a_list_follows_the_order() {
    let given =
        |file, variables, flags| Given { file, variables, flags, ..Given::default() }.resolve().unwrap().auth.roles;
    let file = Some("auth:\n  roles: [user, admin, one]\n");
    let variables = [("ALYX_AUTH_ROLES", "user,admin, two")];
    let flags = [Flag { name: "--roles", path: "auth.roles", value: "user,admin,three" }];
    assert_eq!(given(None, &[], &[]), ["user", "moderator", "admin"]);
    assert_eq!(given(file, &[], &[]), ["user", "admin", "one"]);
    assert_eq!(given(file, &variables, &[]), ["user", "admin", "two"]);
    assert_eq!(given(file, &variables, &flags), ["user", "admin", "three"]);
}

#[test]
fn a_url_follows_the_order() {
    check("server.public_url", ["null", "https://a.example/", "https://b.example/", "http://c.example/"]);
}

#[test]
fn a_path_follows_the_order() {
    check("data_dir", ["alyx_data", "one", "two", "/three"]);
    check("database.path", ["null", "one.db", "two.db", "three.db"]);
}

#[test]
fn a_host_follows_the_order() {
    check("server.host", ["127.0.0.1", "0.0.0.0", "::1", "localhost"]);
}

#[test]
fn ranges_and_origins_follow_the_order() {
    let file = Some("server:\n  trusted_proxies: [10.0.0.0/8]\n  cors:\n    origins: [https://a.example]\n");
    let variables = [("ALYX_SERVER_TRUSTED_PROXIES", "::1, 127.0.0.0/8"), ("ALYX_SERVER_CORS_ORIGINS", "")];
    let flags = [
        Flag { name: "--proxy", path: "server.trusted_proxies", value: "::1" },
        Flag { name: "--origin", path: "server.cors.origins", value: "https://b.example" },
    ];
    let list = |variables, flags| {
        let server = Given { file, variables, flags, ..Given::default() }.resolve().unwrap().redacted_json();
        format!("{} {}", server["server"]["trusted_proxies"], server["server"]["cors"]["origins"])
    };
    assert_eq!(list(&[], &[]), r#"["10.0.0.0/8"] ["https://a.example"]"#);
    assert_eq!(list(&variables, &[]), r#"["::1/128","127.0.0.0/8"] []"#);
    assert_eq!(list(&variables, &flags), r#"["::1/128"] ["https://b.example"]"#);
}

#[test]
fn a_secret_follows_the_order() {
    let [one, two, three] =
        ["rG7vKp2xWq9LmZ4tNc8YbHd3FsJ6uTe1", "9f2c41d07be85a6634c1f0ab92de7753", "QzX81kd-qpwLr72_vmNtY5sGhE93oUca"];
    let file = format!("auth: {{jwt: {{secret: {one}}}}}");
    let variables = [("ALYX_AUTH_JWT_SECRET", two)];
    let flags = [Flag { name: "--secret", path: "auth.jwt.secret", value: three }];
    let secret = |given: Given<'_>| given.resolve().unwrap().auth.jwt.secret.map(|secret| secret.expose().to_owned());
    assert_eq!(secret(Given::default()), None);
    let file = Some(file.as_str());
    assert_eq!(secret(Given { file, ..Given::default() }).unwrap(), one);
    assert_eq!(secret(Given { file, variables: &variables, ..Given::default() }).unwrap(), two);
    assert_eq!(secret(Given { file, variables: &variables, flags: &flags, ..Given::default() }).unwrap(), three);
}

#[test]
fn sections_with_names_of_the_projects_choosing_follow_the_order() {
    let file = "auth:\n  oauth:\n    oidc:\n      corp: {issuer: https://a.example, client_id: one, client_secret: hush}\n      corp_two:\n        title: Two\n";
    let variables = [
        ("ALYX_AUTH_OAUTH_OIDC_CORP_CLIENT_ID", "two"),
        ("ALYX_AUTH_OAUTH_OIDC_CORP_TWO_ISSUER", "https://b.example/"),
        ("ALYX_AUTH_OAUTH_OIDC_CORP_TWO_CLIENT_ID", "three"),
        ("ALYX_AUTH_OAUTH_OIDC_CORP_TWO_CLIENT_SECRET", "hush"),
        ("ALYX_AUTH_OAUTH_OIDC_ENV_ISSUER", "http://localhost:8080"),
        ("ALYX_AUTH_OAUTH_OIDC_ENV_CLIENT_ID", "four"),
        ("ALYX_AUTH_OAUTH_OIDC_ENV_CLIENT_SECRET", "hush"),
    ];
    let config = Given { file: Some(file), variables: &variables, ..Given::default() }.resolve().unwrap();
    let oidc = &config.auth.oauth.oidc;
    let told = oidc.iter().map(|(name, provider)| {
        let issuer = provider.issuer.as_ref().unwrap().as_str();
        format!("{name} {issuer} {}", provider.client_id.as_ref().unwrap())
    });
    let told: Vec<String> = told.collect();
    assert_eq!(
        told,
        ["corp https://a.example two", "corp_two https://b.example/ three", "env http://localhost:8080 four"]
    );
    assert_eq!(oidc["corp_two"].title.as_deref(), Some("Two"));
    let shown = config.redacted_json();
    assert_eq!(shown["auth"]["oauth"]["oidc"]["env"]["client_secret"], "…");
    assert!(!shown.to_string().contains("hush"));
}

#[test]
fn a_wrong_value_is_a_fault_even_where_a_stronger_one_wins() {
    let given =
        Given { file: Some("server:\n  port: eighty\n"), variables: &[("ALYX_SERVER_PORT", "80")], ..Given::default() };
    assert!(given.resolve().unwrap_err().starts_with("alyx.yaml:2:9: server.port must be"));
}

#[test]
fn an_empty_variable_unsets_what_can_be_unset() {
    let given = Given {
        file: Some("server:\n  public_url: https://a.example\n"),
        variables: &[("ALYX_SERVER_PUBLIC_URL", ""), ("ALYX_SERVER_CORS_ORIGINS", "")],
        ..Given::default()
    };
    let server = given.resolve().unwrap().server;
    assert_eq!((server.public_url, server.cors.origins.len()), (None, 0));
}

#[test]
fn variables_that_the_caller_or_the_file_knows_are_no_slips() {
    let file = Some("auth:\n  jwt:\n    issuer: ${ALYX_NAME:-x}\n");
    let variables = [("ALYX_NAME", "blog"), ("ALYX_ADMIN_TOKEN", "x"), ("HOME", "/")];
    let given = Given { file, variables: &variables, known: &["ALYX_ADMIN_TOKEN"], ..Given::default() };
    assert_eq!(given.resolve().unwrap().auth.jwt.issuer, "blog");
}

#[test]
fn empty_files_and_empty_sections_change_nothing() {
    for text in ["", "# only a comment\n", "server:\nauth:\n  jwt:\n", "{}", "server: ~"] {
        assert_eq!(Given { file: Some(text), ..Given::default() }.resolve().unwrap(), Config::default(), "{text}");
    }
}
