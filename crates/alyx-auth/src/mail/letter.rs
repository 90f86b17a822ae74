//! The kinds of mail, their texts, and those that a project brings in their place.

use std::{fs, io, path::Path};

use alyx_schema::{Diagnostic, Span};

use super::{
    Mail,
    template::{Escape, Template},
};
use crate::{Error, Result};

/// The project's folder of texts.
const FOLDER: &str = "mail";

/// A kind of mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Letter {
    VerifyEmail,
    ResetPassword,
    ChangeEmail,
    EmailChangedNotice,
    AccountExists,
    PasswordChanged,
    ProviderLinked,
}

/// A kind with what belongs to it.
struct Definition {
    letter: Letter,
    name: &'static str,
    /// Names that its texts may use.
    known: &'static [&'static str],
    /// Subject, text and HTML.
    texts: [&'static str; 3],
}

macro_rules! texts {
    ($name:literal) => {
        [
            include_str!(concat!("../../templates/mail/", $name, ".subject.txt")),
            include_str!(concat!("../../templates/mail/", $name, ".txt")),
            include_str!(concat!("../../templates/mail/", $name, ".html")),
        ]
    };
}

const PLAIN: &[&str] = &["site", "url", "email"];
const WITH_LINK: &[&str] = &["site", "url", "email", "link", "token", "expires_in"];
const WITH_BOTH: &[&str] = &["site", "url", "email", "new_email", "link", "token", "expires_in"];

const DEFINITIONS: [Definition; 7] = [
    Definition { letter: Letter::VerifyEmail, name: "verify-email", known: WITH_LINK, texts: texts!("verify-email") },
    Definition {
        letter: Letter::ResetPassword,
        name: "reset-password",
        known: WITH_LINK,
        texts: texts!("reset-password"),
    },
    Definition { letter: Letter::ChangeEmail, name: "change-email", known: WITH_BOTH, texts: texts!("change-email") },
    Definition {
        letter: Letter::EmailChangedNotice,
        name: "email-changed-notice",
        known: &["site", "url", "email", "new_email"],
        texts: texts!("email-changed-notice"),
    },
    Definition { letter: Letter::AccountExists, name: "account-exists", known: PLAIN, texts: texts!("account-exists") },
    Definition {
        letter: Letter::PasswordChanged,
        name: "password-changed",
        known: PLAIN,
        texts: texts!("password-changed"),
    },
    Definition {
        letter: Letter::ProviderLinked,
        name: "provider-linked",
        known: &["site", "url", "email", "provider"],
        texts: texts!("provider-linked"),
    },
];

/// The endings of the three files of a kind.
const ENDINGS: [&str; 3] = [".subject.txt", ".txt", ".html"];

/// The texts of every kind.
pub(crate) struct Letters {
    texts: Vec<[Template; 3]>,
}

impl Letters {
    /// The texts of Alyx, or those of the project's folder where it has some.
    pub(crate) fn load(project: &Path) -> Result<Self> {
        let folder = project.join(FOLDER);
        let mut faults = unknown_files(&folder);
        let mut texts = Vec::new();
        for definition in &DEFINITIONS {
            match definition.load(&folder) {
                Ok(parsed) => texts.push(parsed),
                Err(found) => faults.extend(found),
            }
        }
        if faults.is_empty() { Ok(Self { texts }) } else { Err(Error::Templates(faults)) }
    }

    /// The mail of a kind.
    pub(crate) fn write(&self, letter: Letter, to: &str, values: &[(&'static str, &str)]) -> Mail {
        let place = DEFINITIONS.iter().position(|definition| definition.letter == letter);
        let place = place.expect("every kind is in the table");
        let [subject, text, html] = &self.texts[place];
        let link = values.iter().find(|(name, _)| *name == "link").map(|(_, link)| (*link).to_owned());
        Mail {
            kind: DEFINITIONS[place].name,
            to: to.to_owned(),
            // A line end would begin another header.
            subject: subject.render(values, Escape::None).trim().replace(['\r', '\n'], " "),
            text: text.render(values, Escape::None),
            html: html.render(values, Escape::Html),
            link,
        }
    }
}

impl Definition {
    fn load(&self, folder: &Path) -> Result<[Template; 3], Vec<Diagnostic>> {
        let mut faults = Vec::new();
        let mut parsed = Vec::new();
        for (ending, own) in ENDINGS.iter().zip(self.texts) {
            let name = format!("{}{ending}", self.name);
            let shown = format!("{FOLDER}/{name}");
            let template = match fs::read_to_string(folder.join(&name)) {
                Ok(text) => Template::parse(&shown, &text, self.known),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Template::parse(&shown, own, self.known),
                Err(error) => Err(vec![fault(&shown, &format!("cannot be read: {error}"))]),
            };
            match template {
                Ok(template) => parsed.push(template),
                Err(found) => faults.extend(found),
            }
        }
        parsed.try_into().map_err(|_| faults)
    }
}

/// Files that look like texts of mail and are none: most likely their names are misspelt.
fn unknown_files(folder: &Path) -> Vec<Diagnostic> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| [".txt", ".html"].iter().any(|ending| name.ends_with(ending)));
    names.retain(|name| !is_known(name));
    names.sort();
    let kinds: Vec<_> = DEFINITIONS.iter().map(|definition| definition.name).collect();
    let hint = format!("NAME.subject.txt, NAME.txt or NAME.html, NAME being one of {}", kinds.join(", "));
    names
        .iter()
        .map(|name| fault(&format!("{FOLDER}/{name}"), "is no mail of Alyx").with_hint(Some(hint.clone())))
        .collect()
}

fn is_known(name: &str) -> bool {
    DEFINITIONS.iter().any(|definition| ENDINGS.iter().any(|ending| name == format!("{}{ending}", definition.name)))
}

fn fault(file: &str, message: &str) -> Diagnostic {
    Diagnostic::error("mail_file", file, Span { line: 1, column: 1 }, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: &[(&str, &str)] = &[
        ("site", "blog.example.com"),
        ("url", "https://blog.example.com"),
        ("email", "ada@example.com"),
        ("new_email", "countess@example.com"),
        ("link", "https://blog.example.com/reset#token=a&b"),
        ("token", "a&b"),
        ("expires_in", "1 hour"),
        ("provider", "GitHub"),
    ];

    #[test]
    fn every_mail_has_all_its_parts() {
        let letters = Letters::load(Path::new("nowhere")).unwrap();
        for definition in &DEFINITIONS {
            let mail = letters.write(definition.letter, "ada@example.com", VALUES);
            assert!(mail.subject.contains("blog.example.com") && !mail.subject.contains('\n'), "{mail:?}");
            assert!(mail.text.contains("ada@example.com") && mail.html.contains("ada@example.com"), "{mail:?}");
            let has_link = definition.known.contains(&"link");
            assert_eq!(mail.text.contains("reset#token=a&b"), has_link, "{mail:?}");
            assert_eq!(
                mail.html.contains("href=\"https://blog.example.com/reset#token=a&amp;b\""),
                has_link,
                "{mail:?}"
            );
            assert!(!mail.text.contains("{{") && !mail.html.contains("{{"));
            assert!(!format!("{mail:?}").contains("token=a"), "what is logged shows no link");
        }
    }

    #[test]
    fn a_project_brings_its_own_texts() {
        let project = tempfile::tempdir().unwrap();
        let folder = project.path().join("mail");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("reset-password.subject.txt"), "New\r\nBcc: eve@example.com\n").unwrap();
        fs::write(folder.join("reset-password.txt"), "Your code is {{ token }}.").unwrap();
        fs::write(folder.join("notes.md"), "{{ anything }}").unwrap();
        let mail = Letters::load(project.path()).unwrap().write(Letter::ResetPassword, "ada@example.com", VALUES);
        assert_eq!((mail.subject.as_str(), mail.text.as_str()), ("New  Bcc: eve@example.com", "Your code is a&b."));
        assert!(mail.html.contains("Set a new password"));
    }

    #[test]
    fn what_is_wrong_in_them_is_told_all_at_once() {
        let project = tempfile::tempdir().unwrap();
        let folder = project.path().join("mail");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("reset-pasword.txt"), "").unwrap();
        fs::write(folder.join("account-exists.html"), "\n<p>{{ link }}</p>").unwrap();
        let said = Letters::load(project.path()).err().unwrap().to_string();
        assert!(
            said.starts_with("mail/reset-pasword.txt:1:1: is no mail of Alyx [mail_file] (hint: NAME.subject.txt"),
            "{said}"
        );
        assert!(said.ends_with("mail/account-exists.html:2:4: there is no \"link\" in this mail [mail_placeholder] (hint: known here: site, url, email)"), "{said}");
    }
}
