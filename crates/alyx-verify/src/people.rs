//! The accounts of a world.

use alyx_testing::json;
use anyhow::{Result, ensure};

use crate::{
    client::Account,
    design::Design,
    model::Model,
    names::{CALLERS, PASSWORD, PEOPLE, TEAMS, email, person, team},
    random::Random,
    server::Place,
};

/// The roles that people begin with.
const ROLES: [&str; CALLERS] = ["user", "user", "user", "user", "moderator", "admin"];

/// Makes all accounts, and the teams.
pub(crate) fn make(place: &Place, design: &Design, model: &mut Model) -> Result<()> {
    for number in 0..PEOPLE {
        let (id, role) = (person(number), ROLES.get(number).copied().unwrap_or("user"));
        let mut body =
            json!({"id": id, "email": email(number), "name": format!("Person {number}"), "open": number % 2 == 0});
        model.may_create(design, "users", &json!(id).to_string(), &body);
        body["password"] = json!(PASSWORD);
        let made = place.admin().try_send("POST", "/api/collections/users", Some(&body))?;
        ensure!(made.status == 201, "no account is made: {}", made.text());
        set(place, number, &json!({"role": role}))?;
        model.may_have_role(&id, role);
    }
    for number in 0..TEAMS {
        let body = json!({"id": team(number), "archived": number == 0, "title": "as it was"});
        model.may_create(design, "teams", &json!(team(number)).to_string(), &body);
        place.admin().try_send("POST", "/api/collections/teams", Some(&body))?;
    }
    Ok(())
}

/// Changes an account as an administrator does.
pub(crate) fn set(place: &Place, number: usize, changes: &alyx_testing::Value) -> Result<()> {
    let path = format!("/api/admin/users/{}", person(number));
    place.admin().try_send("PATCH", &path, Some(changes))?;
    Ok(())
}

/// Whom a client is to be.
pub(crate) fn any_account(random: &mut Random) -> Account {
    match random.below(12) {
        0 => Account::Nobody,
        1 => Account::Admin,
        _ => Account::Person(random.below(CALLERS)),
    }
}
