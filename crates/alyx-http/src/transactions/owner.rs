//! To whom a transaction belongs.

use actix_web::HttpRequest;

use crate::{AppState, access::Caller, client_address::client_address};

/// Whoever has begun a transaction: an account or a token, and nobody in particular for anonymous callers, to whom
/// it belongs by knowing its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    name: String,
    /// As whose it is counted.
    counted_as: String,
}

impl Owner {
    /// One that is counted by its name.
    pub(crate) fn new(name: String) -> Self {
        Self { counted_as: name.clone(), name }
    }

    /// The caller of a request.
    pub(crate) fn of(caller: &Caller, request: &HttpRequest, state: &AppState) -> Self {
        match caller {
            Caller::Account(_) => Self::new(format!("account {}", caller.identity().map_or("", |it| &it.id))),
            Caller::DeployToken(token) => Self::new(format!("token {}", token.name)),
            Caller::AdminToken => Self::new("administrator".to_owned()),
            Caller::Anonymous => {
                let address = client_address(request, &state.options().trusted_proxies);
                let counted_as = address.map(|address| address.to_string()).unwrap_or_default();
                Self { name: "anonymous".to_owned(), counted_as }
            }
        }
    }

    /// Whether what belongs to one belongs to the other.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.name == other.name
    }

    pub(super) fn counts_with(&self, other: &Self) -> bool {
        self.counted_as == other.counted_as
    }
}
