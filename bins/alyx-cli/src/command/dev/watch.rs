//! Changes of the project's files, applied while it is served.

use std::{path::Path, time::Duration};

use alyx_config::section::Dev as Settings;
use alyx_project::{
    Deployment, Error, FUNCTIONS, Flags, MIGRATIONS, Project, Reloader, SCHEMA, migration_texts, read_text,
};
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
            } else if sees_functions {
                // What has not changed is left alone there.
                self.apply_functions(session).await;
            }
            served = texts;
        }
    }

    async fn apply_functions(&self, session: &Session) {
        match self.reloader.reload_functions(self.project).await {
            Ok(deployment) => report_functions(session, &deployment),
            Err(fault) => refuse(session, fault),
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
pub(super) fn report_functions(session: &Session, deployment: &Deployment) {
    let named = |what: &str, names: &[String]| {
        if !names.is_empty() {
            session.remark(&format!("{what} {}", names.join(", ")));
        }
    };
    named("Functions served anew:", &deployment.changed);
    named("Functions served no longer:", &deployment.removed);
    for faults in deployment.broken.values() {
        for fault in faults {
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
    let tell = move |_: notify::Result<notify::Event>| {
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
