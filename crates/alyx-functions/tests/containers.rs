//! Workers in containers of a real engine, which `ALYX_TEST_ENGINE` names with `ALYX_TEST_NODE_IMAGE`, a base with Node.

use std::{
    collections::BTreeMap,
    env, fs,
    io::{Read, Write},
    os::unix::net::{UnixListener, UnixStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use alyx_functions::{
    Function, Manifest, Runtime,
    worker::{ContainerOptions, ContainerStarter, Limits, Starter, Worker, WorkerSpec},
};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(30);

struct Running {
    worker: Box<dyn Worker>,
    printed: Arc<AtomicUsize>,
    folder: TempDir,
    _server: UnixListener,
}

async fn connect(project: &str) -> ContainerStarter {
    let variable =
        |name| env::var(name).expect("a container engine for tests: `cargo xtask setup`, `cargo xtask test`");
    let image = variable("ALYX_TEST_NODE_IMAGE");
    let images = [image.clone(), image.clone(), image];
    let project = format!("{project}-{}", std::process::id());
    ContainerStarter::connect(ContainerOptions {
        engine: Some(variable("ALYX_TEST_ENGINE")),
        images,
        outbound: false,
        project,
    })
    .await
    .expect("it works")
}

/// Starts a worker for a function with this body, and waits until it is ready.
async fn start(starter: &ContainerStarter, body: &str) -> Running {
    let folder = tempfile::Builder::new().prefix("alyx").tempdir().expect("it works");
    let (version, run) = (folder.path().join("version"), folder.path().join("run"));
    fs::create_dir_all(version.join("function")).expect("it works");
    fs::create_dir(&run).expect("it works");
    let code = format!(
        "import {{ defineFunction }} from '@alyx/functions';\nexport default defineFunction({{ async handler(input, ctx) {{ {body} }} }});"
    );
    fs::write(version.join("function/probe.mjs"), code).expect("it works");
    let server = UnixListener::bind(folder.path().join("server.sock")).expect("it works");
    let function = Function {
        name: "probe".to_owned(),
        runtime: Runtime::Node,
        entry: "probe.mjs".into(),
        manifest_file: None,
        manifest: Manifest::default(),
        dependencies: None,
    };
    let layer = starter.prepare(&function).await.expect("it works");
    let printed = Arc::new(AtomicUsize::new(0));
    let count = printed.clone();
    let spec = WorkerSpec {
        id: "1".to_owned(),
        function: "probe".to_owned(),
        runtime: Runtime::Node,
        version,
        entry: "probe.mjs".into(),
        layer,
        source_maps: false,
        env: BTreeMap::from([("OWN".to_owned(), "yes".to_owned())]),
        folder: run,
        server: folder.path().join("server.sock"),
        limits: Limits { memory: Some(256 << 20), cpu: Some(1.0), processes: 64, files: 256 },
        output: Arc::new(move |_, line| {
            count.fetch_add(line.len(), Ordering::Relaxed);
        }),
    };
    let worker = starter.start(&spec).await.expect("it works");
    let deadline = Instant::now() + PATIENCE;
    while UnixStream::connect(worker.socket()).is_err() {
        assert!(Instant::now() < deadline, "not ready");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Running { worker, printed, folder, _server: server }
}

impl Running {
    /// Calls the function; `None` where the worker ended instead of answering.
    fn call(&self) -> Option<Json> {
        let request = json!({"request_id": "1", "function": "probe", "input": {}, "context": {"auth": null, "request": {"id": "1", "headers": {}}, "internal_token": "t", "timeout_ms": 30000}}).to_string();
        let mut stream = UnixStream::connect(self.worker.socket()).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).expect("it works");
        let head = format!(
            "POST /invoke HTTP/1.1\r\nHost: alyx\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            request.len()
        );
        stream.write_all((head + &request).as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (_, body) = answer.split_once("\r\n\r\n")?;
        Some(serde_json::from_str(body).expect("it works"))
    }

    fn output(&self) -> Json {
        let answer = self.call().expect("it works");
        assert_eq!(answer["success"], true, "{answer}");
        answer["output"].clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_sees_nothing_of_the_machine() {
    let starter = connect("walls").await;
    let running = start(&starter, "
        const fs = await import('node:fs'); const net = await import('node:net'); const cp = await import('node:child_process');
        const attempt = f => { try { f(); return 'done' } catch (e) { return e.code } };
        const connected = await new Promise(done => { const s = net.connect(80, '192.0.2.1'); s.on('connect', () => done('connected')); s.on('error', e => done(e.code)); });
        const status = fs.readFileSync('/proc/self/status', 'utf8');
        const line = name => status.split('\\n').find(l => l.startsWith(name)).split(/\\s+/)[1];
        return { own: ctx.env.OWN, variables: Object.keys(process.env).sort(), root: attempt(() => fs.writeFileSync('/etc-x', '')), own_code: attempt(() => fs.writeFileSync('/alyx/function/x', '')),
          temporary: attempt(() => fs.writeFileSync('/tmp/x', '')), connected, interfaces: Object.keys((await import('node:os')).networkInterfaces()),
          engine: ['/var/run/docker.sock', '/run/podman/podman.sock'].map(p => fs.existsSync(p)), user: process.getuid(), capabilities: line('CapEff'), no_new_privileges: line('NoNewPrivs'),
          server: fs.existsSync('/alyx/server.sock'), files: fs.readFileSync('/proc/self/limits', 'utf8').match(/Max open files +(\\d+)/)[1] };
    ").await;
    let seen = running.output();
    for (key, wanted) in [
        ("own", json!("yes")),
        ("root", json!("EROFS")),
        ("own_code", json!("EROFS")),
        ("temporary", json!("done")),
        ("connected", json!("ENETUNREACH")),
        ("engine", json!([false, false])),
        ("capabilities", json!("0000000000000000")),
        ("no_new_privileges", json!("1")),
        ("server", json!(true)),
        ("files", json!("256")),
    ] {
        assert_eq!(seen[key], wanted, "{key} in {seen}");
    }
    assert_ne!(seen["user"], 0);
    let variables = seen["variables"].to_string();
    assert!(!variables.contains("CARGO") && !variables.contains("ALYX"), "{variables}");
    assert!(running.worker.memory().await.expect("it works") > 1 << 20);
    running.worker.kill().await;
    running.worker.kill().await;
    assert!(UnixStream::connect(running.folder.path().join("run/worker.sock")).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_past_the_limit_ends_the_worker_and_says_so() {
    let starter = connect("memory").await;
    let running = start(&starter, "const all = []; for (;;) all.push(Buffer.alloc(16 << 20, 1));").await;
    assert_eq!(running.call(), None);
    let exit = running.worker.exited().await;
    assert!(exit.out_of_memory, "{exit:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_past_the_limit_are_refused() {
    let starter = connect("processes").await;
    let running = start(&starter, "
        const cp = await import('node:child_process'); const errors = new Set(); let started = 0; const children = [];
        for (let i = 0; i < 200; i++) { await new Promise(done => { const c = cp.spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], {stdio: 'ignore'}); children.push(c); c.on('spawn', () => { started++; done() }); c.on('error', e => { errors.add(e.code); done() }); }); if (errors.size) break; }
        children.forEach(c => c.kill('SIGKILL'));
        return { errors: [...errors], started };
    ").await;
    let seen = running.output();
    assert_eq!(seen["errors"], json!(["EAGAIN"]), "{seen}");
    running.worker.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_megabytes_of_output_and_a_crash() {
    let starter = connect("output").await;
    let running = start(&starter, "const fs = await import('node:fs'); const line = 'x'.repeat(4095) + '\\n'; for (let i = 0; i < 25600; i++) for (let at = 0; at < line.length;) try { at += fs.writeSync(1, Buffer.from(line.slice(at))) } catch (e) { if (e.code !== 'EAGAIN') throw e } fs.writeSync(2, 'farewell\\n'); process.exit(7);").await;
    assert_eq!(running.call(), None);
    let exit = running.worker.exited().await;
    assert_eq!((exit.code, exit.out_of_memory), (Some(7), false), "{exit:?}");
    let words: Vec<&str> = exit.last_words.iter().map(String::as_str).collect();
    assert!(words.ends_with(&["farewell", "the process ended with exit code 7 in the middle of 1 calls"]), "{words:?}");
    assert!(running.printed.load(Ordering::Relaxed) >= 25_600 * 4095, "{}", running.printed.load(Ordering::Relaxed));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_earlier_run_left_is_removed() {
    let starter = connect("left").await;
    let running = start(&starter, "return 1").await;
    let _again = connect("left").await;
    running.worker.exited().await;
    assert_eq!(running.call(), None);
}

#[tokio::test]
async fn where_no_engine_answers_the_place_is_named() {
    let options = ContainerOptions {
        engine: Some("unix:///nonexistent/engine.sock".to_owned()),
        images: Default::default(),
        outbound: false,
        project: "none".to_owned(),
    };
    let Err(error) = ContainerStarter::connect(options).await else { panic!("connected to nothing") };
    assert!(error.to_string().contains("/nonexistent/engine.sock"), "{error}");
}
