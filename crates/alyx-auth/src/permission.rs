//! What a deploy token may do.

/// One thing that a deploy token may be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Bring the data model and the functions of a project to the server.
    Deploy,
    /// Take a deployment back.
    Rollback,
    /// Read the data model, migrations and the history of deployments.
    ReadSchema,
    /// Read figures and executions of functions.
    ReadStats,
    /// Read the settings, without secrets.
    ReadConfig,
    /// Read the audit log.
    ReadAudit,
    /// Read accounts.
    ReadUsers,
}

impl Permission {
    /// All of them with their names.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Deploy, "deploy"),
        (Self::Rollback, "rollback"),
        (Self::ReadSchema, "schema:read"),
        (Self::ReadStats, "stats:read"),
        (Self::ReadConfig, "config:read"),
        (Self::ReadAudit, "audit:read"),
        (Self::ReadUsers, "users:read"),
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(permission, _)| *permission == self).map_or("", |(_, name)| name)
    }

    /// The permission of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(permission, _)| *permission)
    }
}

#[cfg(test)]
mod tests {
    use super::Permission;

    #[test]
    fn every_permission_is_found_by_its_name() {
        for (permission, name) in Permission::ALL {
            assert_eq!((permission.name(), Permission::from_name(name)), (name, Some(permission)));
        }
        assert_eq!(Permission::from_name("admin"), None);
    }
}
