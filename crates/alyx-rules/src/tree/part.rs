//! The parts of `auth` and `request`.

/// A part of `auth`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuthPart {
    Id,
    Email,
    Role,
    Verified,
    Metadata,
}

/// A part of `request`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestPart {
    Method,
    Ip,
    Time,
    Body,
    Headers,
    Query,
}

impl AuthPart {
    pub(crate) const ALL: [Self; 5] = [Self::Id, Self::Email, Self::Role, Self::Verified, Self::Metadata];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Email => "email",
            Self::Role => "role",
            Self::Verified => "verified",
            Self::Metadata => "metadata",
        }
    }
}

impl RequestPart {
    pub(crate) const ALL: [Self; 6] = [Self::Method, Self::Ip, Self::Time, Self::Body, Self::Headers, Self::Query];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Method => "method",
            Self::Ip => "ip",
            Self::Time => "time",
            Self::Body => "body",
            Self::Headers => "headers",
            Self::Query => "query",
        }
    }
}
