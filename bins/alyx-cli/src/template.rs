//! The projects that `init` makes; their files lie in `templates/`.

use clap::ValueEnum;

/// What a new project starts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Template {
    /// One collection of notes that everyone may read and add to
    Basic,
    /// Users, posts and comments
    Blog,
    /// Users, organizations, memberships, projects and a contact form
    Saas,
}

/// A file of a template: its path in the project and its text.
pub(crate) type File = (&'static str, &'static str);

const EVERY: [File; 2] =
    [("alyx.yaml", include_str!("../templates/alyx.yaml")), (".gitignore", include_str!("../templates/gitignore"))];

const BASIC: [File; 3] = [
    ("schema.yaml", include_str!("../templates/basic/schema.yaml")),
    ("seed.yaml", include_str!("../templates/basic/seed.yaml")),
    ("README.md", include_str!("../templates/basic/README.md")),
];

const BLOG: [File; 3] = [
    ("schema.yaml", include_str!("../../../examples/blog/schema.yaml")),
    ("seed.yaml", include_str!("../templates/blog/seed.yaml")),
    ("README.md", include_str!("../templates/blog/README.md")),
];

const SAAS: [File; 3] = [
    ("schema.yaml", include_str!("../templates/saas/schema.yaml")),
    ("seed.yaml", include_str!("../templates/saas/seed.yaml")),
    ("README.md", include_str!("../templates/saas/README.md")),
];

impl Template {
    /// Its files; `{{name}}` stands for the project's name.
    pub(crate) fn files(self) -> impl Iterator<Item = File> {
        let own = match self {
            Self::Basic => BASIC,
            Self::Blog => BLOG,
            Self::Saas => SAAS,
        };
        own.into_iter().chain(EVERY)
    }
}
