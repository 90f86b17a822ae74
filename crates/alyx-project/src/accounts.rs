//! The accounts of a project: the service for a server, and for a command beside it.

use std::{fs, sync::Arc};

use alyx_auth::{Auth, AuthOptions, Mailer};
use alyx_store::Store;

use crate::{Error, Faults, Project, Result};

/// Accounts of a database that no server of this process serves.
pub struct Accounts {
    /// The service.
    pub auth: Auth,
    /// Its database.
    pub store: Store,
    /// Whether another process serves the project meanwhile.
    pub is_served: bool,
}

impl Project {
    /// Opens accounts; `address` is where the server answers, `mailer` how mail leaves where the settings do not say.
    ///
    /// # Errors
    /// Keys cannot be read or made, or a text of mail is wrong.
    pub fn open_auth(&self, address: Option<&str>, mailer: Option<Arc<dyn Mailer>>) -> Result<Auth> {
        let config = &self.settings.config;
        let options = AuthOptions { address, mailer, ..AuthOptions::new(config, self.folder()) };
        Auth::open(options).map_err(|fault| self.explain_auth(fault))
    }

    /// Accounts for a command, whether another process serves the project or not.
    ///
    /// # Errors
    /// The database needs a migration first, or accounts cannot be opened.
    pub async fn open_accounts(&self, mailer: Option<Arc<dyn Mailer>>) -> Result<Accounts> {
        let mailer = mailer.filter(|_| self.settings.config.mail.host.is_none());
        let auth = self.open_auth(None, mailer)?;
        let opened = self.open_shared(&mut |_| {}).await?;
        let is_served = opened.is_shared();
        Ok(Accounts { auth, store: opened.into_store(self).await?, is_served })
    }

    /// Faults in texts of mail are drawn where they stand.
    fn explain_auth(&self, fault: alyx_auth::Error) -> Error {
        let alyx_auth::Error::Templates(faults) = fault else { return Error::Auth(fault) };
        let texts: Vec<(String, String)> = faults
            .iter()
            .map(|fault| (fault.file.clone(), fs::read_to_string(self.folder().join(&fault.file)).unwrap_or_default()))
            .collect();
        let texts = texts.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        Error::Faults(Faults::of_files(texts, faults))
    }
}

impl Accounts {
    /// Finishes what is under way and closes the database.
    pub async fn close(self) {
        self.auth.settle().await;
        self.store.close().await;
    }
}
