//! What is done with accounts: one operation a file.

mod administration;
mod audit;
mod change_email;
mod change_password;
pub(crate) mod create;
mod delete_account;
mod deploy_tokens;
pub(crate) mod draft;
pub(crate) mod one_time;
mod password_reset;
mod register;
mod set_up;
mod verification;

pub use administration::AccountChanges;
pub use audit::Authority;
pub use deploy_tokens::CreatedDeployToken;
pub use draft::AccountDraft;
pub use register::Registered;
