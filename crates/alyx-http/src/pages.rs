//! The few pages that the server shows itself: those that links in mail lead to, the first
//! administrator's set-up, and a first look for administrators.
//!
//! A page holds no secret and asks the API like any other client. What a link carries stands after its
//! `#`, which browsers send to no server and write into no log.

use std::sync::LazyLock;

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ContentType, HeaderValue, REFERRER_POLICY},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use crate::{
    AppState,
    error::{ApiError, Code},
};

const STYLE: &str = include_str!("pages/page.css");
const SCRIPT: &str = include_str!("pages/page.js");

/// A page that the script knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    Admin,
    Setup,
    ResetPassword,
    VerifyEmail,
    ChangeEmail,
}

impl Page {
    fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Setup => "setup",
            Self::ResetPassword => "reset-password",
            Self::VerifyEmail => "verify-email",
            Self::ChangeEmail => "change-email",
        }
    }
}

static SHELL: LazyLock<String> =
    LazyLock::new(|| include_str!("pages/shell.html").replace("/*style*/", STYLE).replace("/*script*/", SCRIPT));

/// The policy of a page with one style and one script in it, which calls this server and nothing else.
pub(crate) fn policy(style: &str, script: &str) -> HeaderValue {
    let text = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
        source_hash(style),
        source_hash(script)
    );
    HeaderValue::try_from(text).expect("base64 is valid in a header")
}

static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| policy(STYLE, SCRIPT));

/// The page.
pub(crate) fn page(page: Page, state: &AppState) -> HttpResponse {
    if page == Page::Admin && !state.options().admin_pages {
        return HttpResponse::from_error(ApiError::new(Code::NotFound, Code::NotFound.default_message()));
    }
    HttpResponse::Ok()
        .content_type(ContentType::html())
        .insert_header((CONTENT_SECURITY_POLICY, POLICY.clone()))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(SHELL.replace("{page}", page.name()))
}

fn source_hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}
