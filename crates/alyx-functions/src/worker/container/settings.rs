//! What a container is allowed, and what it is told.

use std::{
    collections::HashMap,
    fs::Permissions,
    os::unix::fs::{PermissionsExt, chown},
    path::Path,
};

use bollard::models::{ContainerCreateBody, HostConfig, HostConfigLogConfig, ResourcesUlimits};

use super::{
    ContainerOptions,
    engine::{LABEL, PROJECT},
};
use crate::{
    Runtime,
    worker::{StartError, WorkerSpec, start_message},
};

/// Who functions are where the server is root: nobody.
const NOBODY: u32 = 65534;
/// Podman sets this limit even where none is asked for, to more than it may; `PidsLimit` is the one that counts.
const PROCESSES_OF_A_USER: i64 = 4096;
/// What `/tmp` holds at most counts as memory of the worker as well.
const TEMPORARY: &str = "rw,nosuid,nodev,size=64m,mode=1777";

/// Who a container's processes are.
#[derive(Clone, Copy)]
pub(super) struct Owner {
    user: u32,
    group: u32,
}

/// Lets whom the worker runs as into its folder and to the server's socket: the server's own user, or nobody for root.
pub(super) fn share(spec: &WorkerSpec) -> Result<Owner, StartError> {
    let (user, group) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    if user != 0 {
        return Ok(Owner { user, group });
    }
    let shared = |path: &Path, owner, mode| {
        chown(path, owner, Some(NOBODY))?;
        std::fs::set_permissions(path, Permissions::from_mode(mode))
    };
    let failed = |path: &Path, source| StartError::Io { doing: format!("sharing {}", path.display()), source };
    shared(&spec.folder, Some(NOBODY), 0o700).map_err(|error| failed(&spec.folder, error))?;
    shared(&spec.server, None, 0o660).map_err(|error| failed(&spec.server, error))?;
    Ok(Owner { user: NOBODY, group: NOBODY })
}

/// The container as the engine is asked for it.
pub(super) fn body(
    spec: &WorkerSpec,
    image: &str,
    options: &ContainerOptions,
    (owner, podman): (Owner, bool),
) -> ContainerCreateBody {
    let entry = Path::new("/alyx/function").join(&spec.entry);
    let message = start_message(spec, &entry, Path::new("/alyx/run/worker.sock"), Path::new("/alyx/server.sock"));
    let labels = [(LABEL, "1"), (PROJECT, &options.project), ("alyx.function", &spec.function)];
    ContainerCreateBody {
        image: Some(image.to_owned()),
        cmd: Some(command(spec, &entry)),
        env: Some(vec![
            format!("ALYX_WORKER={message}"),
            "HOME=/tmp".to_owned(),
            "TMPDIR=/tmp".to_owned(),
            "LANG=C.UTF-8".to_owned(),
        ]),
        user: Some(format!("{}:{}", owner.user, owner.group)),
        working_dir: Some("/alyx/function".to_owned()),
        labels: Some(labels.map(|(name, value)| (name.to_owned(), value.to_owned())).into()),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        host_config: Some(host(spec, options, (owner, podman))),
        ..Default::default()
    }
}

fn command(spec: &WorkerSpec, entry: &Path) -> Vec<String> {
    let mut words: Vec<&str> = Vec::new();
    let program = entry.to_string_lossy();
    match spec.runtime {
        Runtime::Node => {
            words.push("node");
            words.extend(spec.source_maps.then_some("--enable-source-maps"));
            words.push("/alyx/node_modules/@alyx/functions/worker.mjs");
        }
        Runtime::Python => words.extend(["python3", "-P", "-B", "-u", "-m", "alyx_functions.worker"]),
        Runtime::Go => words.push(&program),
    }
    words.into_iter().map(str::to_owned).collect()
}

fn host(spec: &WorkerSpec, options: &ContainerOptions, (owner, podman): (Owner, bool)) -> HostConfig {
    let memory = spec.limits.memory.map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX));
    let bind = |from: &Path, to: &str| format!("{}:{to}", from.display());
    // In Podman without root the user outside is another one inside unless it is asked to be kept.
    let keep_user = podman && owner.user != NOBODY;
    HostConfig {
        memory,
        // Equal means that nothing is swapped.
        memory_swap: memory,
        #[expect(clippy::cast_possible_truncation, reason = "cores in billionths are far from the largest integer")]
        nano_cpus: spec.limits.cpu.map(|cores| (cores * 1e9) as i64),
        pids_limit: Some(i64::from(spec.limits.processes)),
        ulimits: Some(open_files(spec, podman)),
        readonly_rootfs: Some(true),
        tmpfs: Some(HashMap::from([("/tmp".to_owned(), TEMPORARY.to_owned())])),
        cap_drop: Some(vec!["ALL".to_owned()]),
        security_opt: Some(vec!["no-new-privileges".to_owned()]),
        network_mode: (!options.outbound).then(|| "none".to_owned()),
        userns_mode: keep_user.then(|| "keep-id".to_owned()),
        // What is printed is read from the container as it comes and kept nowhere.
        log_config: Some(HostConfigLogConfig { typ: Some("none".to_owned()), config: None }),
        binds: Some(vec![
            bind(&spec.version.join("function"), "/alyx/function:ro"),
            bind(&spec.folder, "/alyx/run:rw"),
            bind(&spec.server, "/alyx/server.sock:rw"),
        ]),
        ..Default::default()
    }
}

fn open_files(spec: &WorkerSpec, podman: bool) -> Vec<ResourcesUlimits> {
    let limit = |name: &str, most| ResourcesUlimits { name: Some(name.to_owned()), soft: Some(most), hard: Some(most) };
    let mut limits = vec![limit("nofile", i64::from(spec.limits.files)), limit("core", 0)];
    limits.extend(podman.then(|| limit("nproc", PROCESSES_OF_A_USER)));
    limits
}
