//! Pages of the documentation, typed word by word: every `sh` block is run, in order, in one folder.

use std::{fmt::Write, net::TcpListener, process::Command};

use alyx_testing::{TestProject, binary};

use crate::repository;

const STOP: &str = "<!-- the server stops here -->";

/// What the page asks the reader to do next.
enum Step {
    /// Type this and see it succeed.
    Run(String),
    /// Type this and see it refused.
    Fail(String),
    /// Type this in the other terminal and leave it running.
    Serve(String),
    /// Press Ctrl+C there.
    Stop,
}

fn steps(page: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(kind) = line.strip_prefix("```sh") else {
            steps.extend((line == STOP).then_some(Step::Stop));
            continue;
        };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let block = block.join("\n");
        steps.push(match kind.trim() {
            "" => Step::Run(block),
            "fails" => Step::Fail(block),
            "server" => Step::Serve(block),
            other => panic!("a block of the unknown kind {other:?}"),
        });
    }
    steps
}

const HEAD: &str = r#"
set -euo pipefail
curl() { command curl -sS --fail-with-body "$@"; }
stop() { kill -INT "$SERVER"; wait "$SERVER"; SERVER=; }
trap '[ -z "${SERVER:-}" ] || kill -KILL "$SERVER"' EXIT
ready() {
  for _ in $(seq 600); do
    if command curl -sf "http://127.0.0.1:8090/health/ready" > /dev/null; then return; fi
    kill -0 "$SERVER" || { cat server.log; exit 1; }
    sleep 0.05
  done
  cat server.log; exit 1
}
link_token() {
  for _ in $(seq 600); do
    if grep -o 'reset-password#token=[^ ]*' server.log | tail -n 1 | cut -d= -f2 | grep .; then return; fi
    sleep 0.05
  done
  exit 1
}
"#;

/// What a reader copies from the mail about the password, which the other terminal shows a moment later.
const LINK_TOKEN: &str = "TOKEN-OF-THE-LINK";

fn script(steps: &[Step]) -> String {
    let mut script = HEAD.to_owned();
    for step in steps {
        let _ = match step {
            Step::Run(block) => writeln!(script, "echo '--- run'; set -x\n{block}\nset +x"),
            Step::Fail(block) => writeln!(
                script,
                "echo '--- must fail'\nif ( set -e\n{block}\n) > refused.log 2>&1; then echo 'it did not fail'; exit 1; fi; cat refused.log"
            ),
            Step::Serve(block) => {
                let (before, last) = block.rsplit_once('\n').unwrap_or(("", block));
                writeln!(script, "echo '--- serve'\n{before}\n{last} > server.log 2>&1 &\nSERVER=$!; ready")
            }
            Step::Stop => writeln!(script, "echo '--- stop'; stop"),
        };
    }
    script
}

#[test]
fn every_command_of_getting_started_works() {
    check("docs/getting-started.md", 15);
}

#[test]
fn every_command_of_the_page_about_accounts_works() {
    check("docs/auth.md", 15);
}

#[track_caller]
fn check(page: &str, more_than: usize) {
    let page = std::fs::read_to_string(repository().join(page)).unwrap();
    let steps = steps(&page);
    assert!(steps.len() > more_than, "only {} steps were found", steps.len());
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let folder = TestProject::empty();
    folder.write("script.sh", &script(&steps).replace("8090", &free).replace(LINK_TOKEN, "'\"$(link_token)\"'"));
    let programs = binary("alyx-cli").parent().unwrap().to_owned();
    assert!(binary("alyx-server").is_file());
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let output = Command::new("bash")
        .arg("script.sh")
        .current_dir(folder.path())
        .env("PATH", path)
        .env("ALYX_SERVER_PORT", &free)
        .env_remove("ALYX_ADMIN_TOKEN")
        .output()
        .unwrap();
    let (printed, traced) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "the page does not work:\n{printed}\n{traced}");
}
