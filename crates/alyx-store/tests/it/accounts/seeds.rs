//! A seed's profiles come with their accounts.

use std::{io::Cursor, sync::Arc};

use alyx_store::{
    Database,
    transfer::{Error, Format, Seed, Seeded, seed_from},
};

use crate::{fixture::schema, migration::Lab};

const MIRRORED: &str = "
version: 1
collections:
  users:
    fields:
      id: {type: uuid, primary: true, default: auto}
      email: {type: email, nullable: true}
      role: {type: string, default: user}
      name: {type: string, nullable: true}
";
const BARE: &str = "
version: 1
collections:
  users: {fields: {id: {type: id, primary: true, default: auto}, name: {type: string}}}
";

async fn seed(lab: &Lab, text: (&str, &str), hashed: bool) -> Result<Seeded, Error> {
    let hasher = |password: &str| match password {
        "short" => Err("needs 8 characters or more".to_owned()),
        password => Ok(format!("hash of {password}")),
    };
    let mut database = Database::open(&lab.options).await.unwrap();
    let reader = Cursor::new(text.1.to_owned());
    let seed = Seed { reader, format: Format::Yaml, hasher: hashed.then(|| Arc::new(hasher) as _) };
    let seeded = seed_from(&mut database, &schema(text.0), seed, &mut |_| ()).await;
    database.close().await.unwrap();
    seeded
}

const ACCOUNTS: &str = "SELECT email, role, verified, password_hash FROM _alyx_users ORDER BY email";

#[tokio::test]
async fn a_profile_with_an_address_gets_an_account() {
    let lab = Lab::new(MIRRORED, "").await;
    let text = "
users:
  - {email: Ada@Example.com, role: admin, name: Ada, password: correct horse, verified: true}
  - {email: bob@example.com, name: Bob}
  - {name: Nobody}
";
    seed(&lab, (MIRRORED, text), true).await.unwrap();
    assert_eq!(lab.rows(ACCOUNTS).await, "ada@example.com|admin|1|hash of correct horse\nbob@example.com|user|0|null");
    let profiles = "SELECT users.name, users.email, _alyx_users.id = users.id FROM users LEFT JOIN _alyx_users USING (id) ORDER BY name";
    assert_eq!(lab.rows(profiles).await, "Ada|ada@example.com|1\nBob|bob@example.com|1\nNobody|null|null");
}

#[tokio::test]
async fn what_the_profile_has_no_field_for_is_the_accounts() {
    let lab = Lab::new(BARE, "").await;
    let text =
        "users:\n  - {name: Ada, email: ada@example.com, password: correct horse, role: admin, verified: true}\n";
    seed(&lab, (BARE, text), true).await.unwrap();
    assert_eq!(lab.rows(ACCOUNTS).await, "ada@example.com|admin|1|hash of correct horse");
    assert_eq!(lab.rows("SELECT name FROM users").await, "Ada");
}

#[tokio::test]
async fn what_cannot_be_an_account_is_named_and_nothing_is_stored() {
    let lab = Lab::new(BARE, "").await;
    let text = "
users:
  - {name: A, email: ada@example.com, password: short}
  - {name: B, email: nowhere}
  - {name: C, password: correct horse}
  - {name: D, email: d@example.com, verified: perhaps}
  - {name: E, email: e@example.com, role: 7}
  - {name: F, email: f@example.com}
  - {name: G, email: F@example.com}
";
    let said = seed(&lab, (BARE, text), true).await.unwrap_err().to_string();
    assert_eq!(
        said,
        "nothing was stored: 6 things are wrong\n  users[0].password: needs 8 characters or more\n  users[1].email: must be an e-mail address\n  \
         users[2].email: is required where there is a password\n  users[3].verified: must be true or false\n  users[4].role: must be text\n  \
         users[6].email: an account has this address already"
    );
    let said =
        seed(&lab, (BARE, "users:\n  - {name: A, email: a@example.com, password: x}\n"), false).await.unwrap_err();
    assert!(said.to_string().ends_with("users[0].password: passwords are not taken here"), "{said}");
    assert_eq!(lab.rows("SELECT count(*) FROM users").await, "0");
    assert_eq!(lab.rows("SELECT count(*) FROM _alyx_users").await, "0");
}
