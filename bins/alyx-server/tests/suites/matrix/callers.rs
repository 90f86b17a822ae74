//! The kinds of callers, in the order of the table's columns.

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    /// Without a token.
    Anonymous,
    /// An account to which nothing in the path belongs.
    User,
    /// The account to which everything in the path belongs.
    Owner,
    /// An account with the role `moderator`.
    Moderator,
    /// An account with the role `admin`.
    Admin,
    /// The token of the environment.
    AdminToken,
    /// A deploy token with every permission.
    DeployToken,
    /// A deploy token that may do one thing, which is not asked here.
    NarrowDeployToken,
    /// An access token whose time is over.
    Expired,
    /// An access token of an account that was banned after.
    Banned,
    /// A refresh token where an access token belongs.
    RefreshToken,
}

pub(super) const CALLERS: [Caller; 11] = [
    Caller::Anonymous,
    Caller::User,
    Caller::Owner,
    Caller::Moderator,
    Caller::Admin,
    Caller::AdminToken,
    Caller::DeployToken,
    Caller::NarrowDeployToken,
    Caller::Expired,
    Caller::Banned,
    Caller::RefreshToken,
];
