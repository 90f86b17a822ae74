//! Changes of the project's files, applied while it is served.

use std::{collections::BTreeMap, path::Path, time::Duration};

use alyx_config::section::Dev as Settings;
use alyx_project::{
    Deployment, Error, FUNCTIONS, Flags, MIGRATIONS, Project, Reloader, SCHEMA, migration_texts, read_text,
};
use alyx_schema::Diagnostic;
use notify::{Config, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::report_changes;
use crate::output::Session;

/// How often files are compared where the system does not tell.
const COMPARE_EVERY: Duration = Duration::from_millis(500);

/// What is served, and how to serve something newer.
pub(super) struct Watched<'a> {
    pub(super) project: &'a Project,
    pub(super) flags: &'a Flags,
    pub(super) reloader: &'a Reloader,
}

/// Functions with faults, by name.
type Broken = BTreeMap<String, Vec<Diagnostic>>;

/// The texts that the server depends on.
#[derive(PartialEq)]
struct Texts {
    model: Option<Vec<(String, String)>>,
    settings: Option<String>,
}

impl Watched<'_> {
    /// Applies changes for ever; returns only where files cannot be watched.
    pub(super) async fn follow(&self, session: &Session) {
        let folder = self.project.folder();
        let settings = &self.project.settings.config.dev;
        let (mut watcher, mut events) = match watch(folder, settings) {
            Ok(watching) => watching,
            Err(fault) => {
                return session.warn(&format!("changes are not noticed: {fault}; start again after a change"));
            }
        };
        let migrations = folder.join(MIGRATIONS);
        let functions = folder.join(FUNCTIONS);
        let mut sees_migrations = watcher.watch(&migrations, RecursiveMode::NonRecursive).is_ok();
        let mut sees_functions = watcher.watch(&functions, RecursiveMode::Recursive).is_ok();
        let mut served = Texts::of(folder);
        let mut broken = Broken::new();
        while events.recv().await.is_some() {
            quiet(&mut events, settings.debounce).await;
            // The folder may come later than the first start.
            sees_migrations = sees_migrations || watcher.watch(&migrations, RecursiveMode::NonRecursive).is_ok();
            let came = !sees_functions && watcher.watch(&functions, RecursiveMode::Recursive).is_ok();
            sees_functions = sees_functions || came;
            let texts = Texts::of(folder);
            if texts.settings != served.settings {
                session.remark("alyx.yaml has changed; start again to apply that");
            }
            if texts.model != served.model {
                self.apply(session).await;
            }
            if sees_functions {
                // What has not changed is left alone there; rules speak of the data model, so that comes first.
                broken = self.apply_functions(session, broken).await;
            }
            served = texts;
        }
    }

    /// Serves the functions anew, and tells of faults that were not told before; gives those that there are now.
    async fn apply_functions(&self, session: &Session, told: Broken) -> Broken {
        match self.reloader.reload_functions().await {
            Ok(deployment) => {
                report_functions(session, &deployment, &told);
                deployment.broken
            }
            Err(fault) => {
                refuse(session, fault);
                told
            }
        }
    }

    async fn apply(&self, session: &Session) {
        let applied = match Project::load(self.project.folder(), self.flags) {
            Ok(project) => self.reloader.reload(&project).await,
            Err(fault) => Err(fault),
        };
        match applied {
            Ok(applied) => report_changes(session, &applied),
            Err(fault) => refuse(session, fault),
        }
    }
}

/// Says which functions are served anew, and what is wrong with others.
fn report_functions(session: &Session, deployment: &Deployment, told: &Broken) {
    let named = |what: &str, names: &[String]| {
        if !names.is_empty() {
            session.remark(&format!("{what} {}", names.join(", ")));
        }
    };
    named("Functions served anew:", &deployment.changed);
    named("Functions served no longer:", &deployment.removed);
    for (name, faults) in &deployment.broken {
        for fault in faults.iter().filter(|_| told.get(name) != Some(faults)) {
            session.warn(&fault.to_string());
        }
    }
}

fn refuse(session: &Session, fault: Error) {
    session.complain(&fault.into());
    session.remark("The server goes on with the data model of before.");
}

impl Texts {
    /// What cannot be read now is as good as nothing; it is reported when it is loaded.
    fn of(folder: &Path) -> Self {
        let read = |name: &str| read_text(&folder.join(name)).ok().flatten();
        let mut model = migration_texts(folder).ok();
        if let Some(files) = &mut model {
            files.push((SCHEMA.to_owned(), read(SCHEMA).unwrap_or_default()));
        }
        Self { model, settings: read(alyx_config::FILE_NAME) }
    }
}

type Watching = (Box<dyn Watcher>, UnboundedReceiver<()>);

/// Folders are watched, not files, since editors put a new file in the place of the old one.
fn watch(folder: &Path, settings: &Settings) -> notify::Result<Watching> {
    let (sender, events) = unbounded_channel();
    let tell = move |event: notify::Result<notify::Event>| {
        // Reading a file is an event too, and whoever hears of a change reads.
        if event.is_ok_and(|event| event.kind.is_access()) {
            return;
        }
        // Fails when nobody listens any more, which is fine.
        let _ = sender.send(());
    };
    let mut watcher: Box<dyn Watcher> = if settings.poll {
        let config = Config::default().with_poll_interval(COMPARE_EVERY).with_compare_contents(true);
        Box::new(PollWatcher::new(tell, config)?)
    } else {
        Box::new(RecommendedWatcher::new(tell, Config::default())?)
    };
    watcher.watch(folder, RecursiveMode::NonRecursive)?;
    Ok((watcher, events))
}

/// Waits until nothing has happened for a while.
async fn quiet(events: &mut UnboundedReceiver<()>, pause: Duration) {
    while let Ok(Some(())) = tokio::time::timeout(pause, events.recv()).await {}
}
