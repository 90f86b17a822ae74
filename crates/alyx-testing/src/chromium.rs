//! A page in headless Chromium, driven by the DevTools protocol: what a person would see and click.

mod devtools;
mod program;

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use self::devtools::DevTools;
use crate::{Client, Process};

const PATIENCE: Duration = Duration::from_secs(60);

/// One browser with one page.
#[derive(Debug)]
pub struct Chromium {
    /// Before the folder, which it writes into until it ends.
    process: Process,
    tools: DevTools,
    _profile: tempfile::TempDir,
}

impl Chromium {
    /// Opens an address in a browser of its own.
    ///
    /// Without a browser on this machine there is none, and the run says so; under `CI=true` the test fails.
    #[must_use]
    #[track_caller]
    pub fn open(address: &str) -> Option<Self> {
        let program = program::find()?;
        let profile = tempfile::tempdir().expect("a temporary folder can be made");
        let mut command = Command::new(program);
        command.args(program::ARGUMENTS).arg(format!("--user-data-dir={}", profile.path().display()));
        command.env("TMPDIR", profile.path());
        let mut process = Process::spawn(command.arg("about:blank"));
        let tools = DevTools::connect(&page(&mut process, profile.path()));
        let mut chromium = Self { process, tools, _profile: profile };
        for domain in ["Page", "Runtime", "Log"] {
            chromium.tools.call(&format!("{domain}.enable"), &json!({}));
        }
        let answer = chromium.tools.call("Page.navigate", &json!({"url": address}));
        assert!(answer.get("errorText").is_none(), "{address} does not open: {answer}");
        chromium.wait("document.readyState === 'complete'");
        Some(chromium)
    }

    /// The value of an expression in the page; one that throws fails the test.
    #[track_caller]
    pub fn evaluate(&mut self, expression: &str) -> Value {
        let asked = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let answer = self.tools.call("Runtime.evaluate", &asked);
        assert!(answer.get("exceptionDetails").is_none(), "{expression} throws: {answer}");
        answer["result"]["value"].clone()
    }

    /// Waits until an expression is true in the page.
    #[track_caller]
    pub fn wait(&mut self, expression: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.evaluate(&format!("Boolean({expression})")) != true {
            if Instant::now() >= deadline {
                let text = self.evaluate("document.body.innerText");
                panic!("{expression} is not true; the page says {text}, its console {:?}", self.tools.complaints);
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Puts text into the field that has the focus, as a keyboard does.
    pub fn type_text(&mut self, text: &str) {
        self.tools.call("Input.insertText", &json!({"text": text}));
    }

    /// What the console complained of since it was asked last: errors, exceptions, what could not be loaded.
    pub fn complaints(&mut self) -> Vec<String> {
        // Whatever came before the answer is known now.
        self.evaluate("0");
        std::mem::take(&mut self.tools.complaints)
    }

    /// Writes what the page looks like as PNG.
    pub fn screenshot(&mut self, file: &Path) {
        let answer = self.tools.call("Page.captureScreenshot", &json!({"format": "png"}));
        let image = STANDARD.decode(answer["data"].as_str().unwrap_or_default()).expect("the image is Base64");
        fs::write(file, image).expect("the image can be written");
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // Its children are not ours to end, but it ends them when it is told to go.
        self.tools.send("Browser.close", &json!({}));
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.process.is_running() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// The address of the tools of the one page, when the browser has written where it listens.
#[track_caller]
fn page(process: &mut Process, profile: &Path) -> String {
    let file = profile.join("DevToolsActivePort");
    let address: SocketAddr = process.wait_for(|_| {
        let text = fs::read_to_string(&file).ok()?;
        let (port, _) = text.split_once('\n')?;
        format!("127.0.0.1:{port}").parse().ok()
    });
    process.wait_for(|_| {
        let list = Client::new(address).try_send("GET", "/json/list", None).ok()?;
        let list: Value = serde_json::from_slice(&list.body).ok()?;
        let page = list.as_array()?.iter().find(|target| target["type"] == "page")?;
        page["webSocketDebuggerUrl"].as_str().map(str::to_owned)
    })
}
