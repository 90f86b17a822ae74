//! Accounts themselves.

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use super::{
    AccountId,
    cells::{Cells, flag, object, optional, text, time},
};
use crate::{
    Result, Store, Transaction,
    sql::{Bind, Sql},
};

/// An account, without what it signs in with.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its e-mail address in canonical form.
    pub email: String,
    /// Its role.
    pub role: String,
    /// Whether its owner has shown that mail to the address arrives.
    pub verified: bool,
    /// Whether it is shut out.
    pub banned: bool,
    /// Whether a password is set.
    pub has_password: bool,
    /// What administrators keep with it.
    pub metadata: Map<String, Json>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When somebody last signed in.
    pub last_sign_in_at: Option<Timestamp>,
}

/// An account and the hash of its password; shows no hash.
#[derive(Clone)]
pub struct Credentials {
    /// The account.
    pub account: Account,
    /// The hash, where a password is set.
    pub password_hash: Option<String>,
}

/// An account to be made; shows no hash.
#[derive(Clone)]
pub struct NewAccount {
    /// Its id.
    pub id: AccountId,
    /// Its e-mail address in canonical form.
    pub email: String,
    /// The hash of its password, if it gets one.
    pub password_hash: Option<String>,
    /// Its role.
    pub role: String,
    /// Whether the address is known to be its owner's.
    pub verified: bool,
    /// What administrators keep with it.
    pub metadata: Map<String, Json>,
    /// The time now.
    pub at: Timestamp,
}

/// What is to be set; `None` leaves it as it is.
#[derive(Clone, Default)]
pub struct AccountUpdate {
    /// The e-mail address in canonical form.
    pub email: Option<String>,
    /// The hash of the password.
    pub password_hash: Option<String>,
    /// The role.
    pub role: Option<String>,
    /// Whether the address is known to be the owner's.
    pub verified: Option<bool>,
    /// Whether it is shut out.
    pub banned: Option<bool>,
    /// What administrators keep with it, all of it.
    pub metadata: Option<Map<String, Json>>,
}

/// Which accounts are listed.
#[derive(Clone, Debug, Default)]
pub struct AccountQuery {
    /// Those whose address has this in it.
    pub email_contains: Option<String>,
    /// Those of this role.
    pub role: Option<String>,
    /// Those that are shut out, or are not.
    pub banned: Option<bool>,
    /// At most so many.
    pub limit: u32,
    /// So many are passed over.
    pub offset: u32,
}

/// A page of accounts, newest first.
#[derive(Clone, Debug)]
pub struct Accounts {
    /// The accounts.
    pub accounts: Vec<Account>,
    /// How many there are in all.
    pub total: u64,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("account", &self.account).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for NewAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewAccount").field("id", &self.id).field("email", &self.email).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for AccountUpdate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountUpdate").field("email", &self.email).field("role", &self.role).finish_non_exhaustive()
    }
}

const BY_ID: &str = r#"SELECT "id", "email", "role", "verified", "banned", "metadata", "created_at", "updated_at", "last_sign_in_at",
    "password_hash" FROM "_alyx_users" WHERE "id" = ?"#;
const BY_EMAIL: &str = r#"SELECT "id", "email", "role", "verified", "banned", "metadata", "created_at", "updated_at", "last_sign_in_at",
    "password_hash" FROM "_alyx_users" WHERE "email" = ?"#;
const LIST: &str = r#"SELECT "id", "email", "role", "verified", "banned", "metadata", "created_at", "updated_at", "last_sign_in_at",
    "password_hash" FROM "_alyx_users"
    WHERE (?1 IS NULL OR instr("email", ?1) > 0) AND (?2 IS NULL OR "role" = ?2) AND (?3 IS NULL OR "banned" = ?3)
    ORDER BY "created_at" DESC, "id" DESC LIMIT ?4 OFFSET ?5"#;
const COUNT: &str = r#"SELECT count(*) FROM "_alyx_users"
    WHERE (?1 IS NULL OR instr("email", ?1) > 0) AND (?2 IS NULL OR "role" = ?2) AND (?3 IS NULL OR "banned" = ?3)"#;
const HAS_ROLE: &str = r#"SELECT 1 FROM "_alyx_users" WHERE "role" = ? LIMIT 1"#;
const INSERT: &str = r#"INSERT INTO "_alyx_users"
    ("id", "email", "password_hash", "role", "verified", "metadata", "created_at", "updated_at") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)"#;
const UPDATE: &str = r#"UPDATE "_alyx_users" SET "email" = coalesce(?2, "email"), "password_hash" = coalesce(?3, "password_hash"),
    "role" = coalesce(?4, "role"), "verified" = coalesce(?5, "verified"), "banned" = coalesce(?6, "banned"),
    "metadata" = coalesce(?7, "metadata"), "updated_at" = ?8 WHERE "id" = ?1"#;
const SIGNED_IN: &str = r#"UPDATE "_alyx_users" SET "last_sign_in_at" = ? WHERE "id" = ?"#;
const REHASH: &str = r#"UPDATE "_alyx_users" SET "password_hash" = ?3 WHERE "id" = ?1 AND "password_hash" = ?2"#;
pub(super) const DELETE: &str = r#"DELETE FROM "_alyx_users" WHERE "id" = ?"#;

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] =
    &[BY_ID, BY_EMAIL, LIST, COUNT, HAS_ROLE, INSERT, UPDATE, SIGNED_IN, REHASH, DELETE];

impl Account {
    /// Reads the columns id to last_sign_in_at of the statements above, and whether there is a hash, from `first` on.
    pub(super) fn from_cells(cells: &Cells<'_>, first: usize) -> Result<Self> {
        Ok(Self {
            id: AccountId::new(&cells.text(first)),
            email: cells.text(first + 1),
            role: cells.text(first + 2),
            verified: cells.flag(first + 3),
            banned: cells.flag(first + 4),
            metadata: cells.json(first + 5)?,
            created_at: cells.time(first + 6)?,
            updated_at: cells.time(first + 7)?,
            last_sign_in_at: cells.optional_time(first + 8)?,
            has_password: cells.optional_text(first + 9).is_some(),
        })
    }
}

fn credentials(row: &sqlx::sqlite::SqliteRow) -> Result<Credentials> {
    let cells = Cells(row);
    Ok(Credentials { account: Account::from_cells(&cells, 0)?, password_hash: cells.optional_text(9) })
}

/// The statement that makes an account.
pub(crate) fn insertion(new: &NewAccount) -> (&'static str, Vec<Bind>) {
    let binds = vec![
        text(new.id.as_str()),
        text(&new.email),
        optional(new.password_hash.as_deref()),
        text(&new.role),
        flag(new.verified),
        object(&new.metadata),
        time(new.at),
    ];
    (INSERT, binds)
}

impl Store {
    /// An account with what it signs in with.
    pub async fn credentials(&self, id: &AccountId) -> Result<Option<Credentials>> {
        let row = self.readers().one(BY_ID, vec![text(id.as_str())]).await?;
        row.as_ref().map(credentials).transpose()
    }

    /// The account of an address in canonical form, with what it signs in with.
    pub async fn credentials_by_email(&self, email: &str) -> Result<Option<Credentials>> {
        let row = self.readers().one(BY_EMAIL, vec![text(email)]).await?;
        row.as_ref().map(credentials).transpose()
    }

    /// An account.
    pub async fn account(&self, id: &AccountId) -> Result<Option<Account>> {
        Ok(self.credentials(id).await?.map(|found| found.account))
    }

    /// Accounts, newest first.
    pub async fn accounts(&self, query: &AccountQuery) -> Result<Accounts> {
        let conditions = vec![
            optional(query.email_contains.as_deref()),
            optional(query.role.as_deref()),
            query.banned.map_or(Bind::Null, flag),
        ];
        let total = self.readers().one(COUNT, conditions.clone()).await?;
        let page = [Bind::Integer(query.limit.into()), Bind::Integer(query.offset.into())];
        let list = Sql::fixed(LIST, [conditions, page.to_vec()].concat());
        let rows = self.readers().all(list).await?;
        let accounts = rows.iter().map(|row| Account::from_cells(&Cells(row), 0)).collect::<Result<_>>()?;
        let total = total.map_or(0, |row| Cells(&row).number(0));
        Ok(Accounts { accounts, total: u64::try_from(total).unwrap_or_default() })
    }

    /// Whether any account has this role.
    pub async fn has_account_of_role(&self, role: &str) -> Result<bool> {
        Ok(self.readers().one(HAS_ROLE, vec![text(role)]).await?.is_some())
    }
}

impl Transaction<'_> {
    /// An account with what it signs in with.
    pub async fn credentials(&mut self, id: &AccountId) -> Result<Option<Credentials>> {
        let row = self.row(BY_ID, vec![text(id.as_str())]).await?;
        row.as_ref().map(credentials).transpose()
    }

    /// The account of an address in canonical form, with what it signs in with.
    pub async fn credentials_by_email(&mut self, email: &str) -> Result<Option<Credentials>> {
        let row = self.row(BY_EMAIL, vec![text(email)]).await?;
        row.as_ref().map(credentials).transpose()
    }

    /// Whether any account has this role.
    pub async fn has_account_of_role(&mut self, role: &str) -> Result<bool> {
        Ok(self.row(HAS_ROLE, vec![text(role)]).await?.is_some())
    }

    /// Makes an account; a taken address or id is [`crate::Error::Taken`].
    pub async fn insert_account(&mut self, new: &NewAccount) -> Result<()> {
        let (statement, binds) = insertion(new);
        self.run(statement, binds).await.map(drop)
    }

    /// Sets what is given; whether there is such an account. A taken address is [`crate::Error::Taken`].
    pub async fn update_account(&mut self, id: &AccountId, update: &AccountUpdate, at: Timestamp) -> Result<bool> {
        let binds = vec![
            text(id.as_str()),
            optional(update.email.as_deref()),
            optional(update.password_hash.as_deref()),
            optional(update.role.as_deref()),
            update.verified.map_or(Bind::Null, flag),
            update.banned.map_or(Bind::Null, flag),
            update.metadata.as_ref().map_or(Bind::Null, object),
            time(at),
        ];
        Ok(self.run(UPDATE, binds).await? > 0)
    }

    /// Notes that somebody signed in.
    pub async fn note_sign_in(&mut self, id: &AccountId, at: Timestamp) -> Result<()> {
        self.run(SIGNED_IN, vec![time(at), text(id.as_str())]).await.map(drop)
    }

    /// Puts a new hash of the same password in the place of an old one, if that is still there.
    pub async fn replace_password_hash(&mut self, id: &AccountId, (old, new): (&str, &str)) -> Result<()> {
        self.run(REHASH, vec![text(id.as_str()), text(old), text(new)]).await.map(drop)
    }
}
