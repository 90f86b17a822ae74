//! A container engine for tests: Podman's service with settings and storage of its own below `target/`, and base images
//! made from this machine's interpreters, since no registry is asked.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use super::install_package;
use crate::{
    command::{output, run, succeeds},
    workspace::Workspace,
};

/// What Debian's Podman needs besides itself.
const PACKAGES: [&str; 7] = ["podman", "runc", "netavark", "aardvark-dns", "conmon", "iptables", "uidmap"];
/// How long the service may take to listen.
const PATIENCE: Duration = Duration::from_secs(30);

const CONTAINERS: &str = "[containers]\ndefault_ulimits = [\"nofile=1024:1024\",\"nproc=1024:1024\"]\n[engine]\ncgroup_manager = \"cgroupfs\"\nruntime = \"runc\"\nevents_logger = \"none\"\n";

/// A running engine; it is stopped when this is dropped.
pub(crate) struct Engine {
    folder: PathBuf,
    socket: PathBuf,
    service: Child,
}

impl Engine {
    /// Installs what is missing and starts the service.
    pub(crate) fn start(workspace: &Workspace) -> Result<Self> {
        if !succeeds(Command::new("podman").arg("--version")) {
            ensure!(
                PACKAGES.iter().all(|package| install_package(package)),
                "Podman is missing (on Debian: apt-get install {})",
                PACKAGES.join(" ")
            );
        }
        let folder = workspace.target().join("engine");
        fs::create_dir_all(&folder)?;
        let storage = format!(
            "[storage]\ndriver = \"overlay\"\nrunroot = \"{0}/run\"\ngraphroot = \"{0}/storage\"\n",
            folder.display()
        );
        fs::write(folder.join("containers.conf"), CONTAINERS)?;
        fs::write(folder.join("storage.conf"), storage)?;
        // The path of a socket may not be long.
        let socket = env::temp_dir().join(format!("alyx-engine-{}.sock", std::process::id()));
        let service = podman(&folder)
            .args(["system", "service", "--time=0"])
            .arg(format!("unix://{}", socket.display()))
            .stdin(Stdio::null())
            .stderr(fs::File::create(folder.join("service.log"))?)
            .spawn()
            .context("cannot start Podman's service")?;
        let engine = Self { folder, socket, service };
        let deadline = Instant::now() + PATIENCE;
        while !engine.socket.exists() {
            ensure!(
                Instant::now() < deadline,
                "Podman's service does not listen; its log is target/engine/service.log"
            );
            thread::sleep(Duration::from_millis(20));
        }
        Ok(engine)
    }

    /// Its address.
    pub(crate) fn address(&self) -> String {
        format!("unix://{}", self.socket.display())
    }

    /// An image with this machine's Node and what it is linked to.
    pub(crate) fn node_image(&self) -> Result<String> {
        let program = PathBuf::from(output(Command::new("node").args(["-p", "process.execPath"]))?.trim());
        let version = output(Command::new(&program).arg("--version"))?;
        self.image("node", version.trim(), |root| {
            copy(&program, &root.join("usr/bin/node"))?;
            libraries(&program, root)
        })
    }

    /// An image with this machine's Python, its library, and what both are linked to.
    pub(crate) fn python_image(&self) -> Result<String> {
        let ask = |what: &str| output(Command::new("python3").args(["-c", &format!("import sys; print({what})")]));
        let program = PathBuf::from(ask("sys.executable")?.trim()).canonicalize()?;
        let prefix = PathBuf::from(ask("sys.base_prefix")?.trim());
        let version = ask("'%d.%d' % sys.version_info[:2]")?;
        self.image("python", version.trim(), |root| {
            copy(&program, &root.join(program.strip_prefix("/")?))?;
            let link = root.join("usr/bin/python3");
            if !link.exists() {
                fs::create_dir_all(root.join("usr/bin"))?;
                std::os::unix::fs::symlink(&program, &link)?;
            }
            let library = prefix.join("lib").join(format!("python{}", version.trim()));
            let target = root.join(library.strip_prefix("/")?);
            fs::create_dir_all(target.parent().context("it has a parent")?)?;
            run(Command::new("cp").arg("-a").arg(&library).arg(&target))?;
            for unneeded in ["site-packages", "test", "idlelib", "tkinter", "ensurepip", "lib2to3"] {
                let _ = fs::remove_dir_all(target.join(unneeded));
            }
            libraries(&program, root)?;
            for entry in fs::read_dir(library.join("lib-dynload"))? {
                libraries(&entry?.path(), root)?;
            }
            Ok(())
        })
    }

    /// An image that nothing is in, for programs that need nothing.
    fn image(&self, name: &str, version: &str, fill: impl FnOnce(&Path) -> Result<()>) -> Result<String> {
        let tag = format!("localhost/alyx-base-{name}:{}", version.trim_start_matches('v'));
        if succeeds(podman(&self.folder).args(["image", "exists", &tag])) {
            return Ok(tag);
        }
        println!("making the image {tag}");
        let root = self.folder.join(format!("root-{name}"));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(root.join("tmp"))?;
        fs::create_dir_all(root.join("etc"))?;
        fs::write(root.join("etc/passwd"), "root:x:0:0::/:/bin/false\nnobody:x:65534:65534::/:/bin/false\n")?;
        run(Command::new("chmod").arg("1777").arg(root.join("tmp")))?;
        fill(&root)?;
        let archive = self.folder.join(format!("{name}.tar"));
        run(Command::new("tar").arg("-cf").arg(&archive).arg("-C").arg(&root).arg("."))?;
        run(podman(&self.folder).args(["import", "--quiet"]).arg(&archive).arg(&tag))?;
        fs::remove_file(&archive)?;
        fs::remove_dir_all(&root)?;
        Ok(tag)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // Servers that a test killed leave their containers to the next start of the same project, which never comes.
        if !succeeds(podman(&self.folder).args(["rm", "--all", "--force", "--time", "0"])) {
            println!("containers of tests could not be removed from the engine below target/engine");
        }
        let _ = self.service.kill();
        let _ = self.service.wait();
        let _ = fs::remove_file(&self.socket);
    }
}

fn podman(folder: &Path) -> Command {
    let mut command = Command::new("podman");
    command.env("CONTAINERS_CONF", folder.join("containers.conf"));
    command.env("CONTAINERS_STORAGE_CONF", folder.join("storage.conf"));
    command
}

/// Copies what a program is linked to, to the same places.
fn libraries(program: &Path, root: &Path) -> Result<()> {
    // What is linked to nothing makes ldd fail.
    let Ok(listed) = output(Command::new("ldd").arg(program)) else { return Ok(()) };
    for word in listed.split_whitespace().filter(|word| word.starts_with('/')) {
        copy(Path::new(word), &root.join(word.trim_start_matches('/')))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if !to.exists() {
        fs::create_dir_all(to.parent().context("it has a parent")?)?;
        fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    }
    Ok(())
}
