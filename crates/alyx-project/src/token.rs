//! The administrator's token: given by a variable, or made once for a developer.

use std::{
    env, fs,
    io::{self, Write},
    path::Path,
};

use alyx_config::{Secret, check_secret};
use alyx_schema::clock::IdGenerator;
use alyx_store::SystemIds;

use crate::{ADMIN_TOKEN_VARIABLE, Error, Result};

const FILE: &str = "dev_admin_token";

/// Where a token came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenSource {
    /// The variable.
    Variable,
    /// The data folder.
    Folder,
}

/// The token of `ALYX_ADMIN_TOKEN`; without the variable there is no administrator.
///
/// # Errors
/// The token is short, or one that anybody would guess.
pub fn admin_token() -> Result<Option<Secret>> {
    match env::var(ADMIN_TOKEN_VARIABLE) {
        Ok(token) if !token.is_empty() => {
            check_secret(&token).map_err(Error::WeakToken)?;
            Ok(Some(Secret::new(token)))
        }
        _ => Ok(None),
    }
}

/// The token of the variable, else the one in the data folder, which is made at need.
///
/// # Errors
/// The variable's token is weak, or the file cannot be read or written.
pub fn developer_token(data: &Path) -> Result<(Secret, TokenSource)> {
    if let Some(token) = admin_token()? {
        return Ok((token, TokenSource::Variable));
    }
    let path = data.join(FILE);
    if let Some(token) = crate::read_text(&path)?.map(|text| text.trim().to_owned())
        && check_secret(&token).is_ok()
    {
        return Ok((Secret::new(token), TokenSource::Folder));
    }
    let token = format!("alyx-{}{}{}", SystemIds.short_id(), SystemIds.short_id(), SystemIds.short_id());
    write_private(&path, &token).map_err(|source| Error::File { doing: "write", path, source })?;
    Ok((Secret::new(token), TokenSource::Folder))
}

/// Writes a file that only its owner can read.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    writeln!(file, "{text}")
}
