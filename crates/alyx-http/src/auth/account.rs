//! Accounts and tokens as clients see them.

use actix_web::{HttpResponse, HttpResponseBuilder};
use alyx_auth::SignedIn;
use alyx_schema::clock::format_timestamp;
use alyx_store::account::Account;
use serde_json::{Value as Json, json};

/// An account as its owner sees it.
pub(crate) fn account_json(account: &Account) -> Json {
    json!({
        "id": account.id.as_str(),
        "email": account.email,
        "verified": account.verified,
        "role": account.role,
        "metadata": account.metadata,
        "created_at": format_timestamp(account.created_at),
        "updated_at": format_timestamp(account.updated_at),
    })
}

/// The answer to a sign-in of any kind.
pub(crate) fn signed_in(mut answer: HttpResponseBuilder, signed_in: &SignedIn) -> HttpResponse {
    let SignedIn { account, tokens } = signed_in;
    answer.json(json!({
        "user": account_json(account),
        "tokens": {
            "access_token": tokens.access_token,
            "refresh_token": tokens.refresh_token,
            "expires_at": format_timestamp(tokens.expires_at),
            "token_type": "Bearer",
        },
    }))
}
