//! Mail by way of an SMTP server.

use std::time::Duration;

use alyx_config::section::{Encryption, Mail as Settings};
use futures_util::future::BoxFuture;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{Header, HeaderName, HeaderValue},
    },
    transport::smtp::authentication::Credentials,
};

use super::{Mail, MailFault, Mailer};
use crate::{Error, Result};

/// Longest time for a mail server to answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A mail server, and who mail is from.
pub(crate) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// Keeps out-of-office notes from coming back (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> std::result::Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl Smtp {
    /// The server of the settings; nothing where there is none.
    pub(crate) fn new(settings: &Settings) -> Result<Option<Self>> {
        let (Some(host), Some(from)) = (&settings.host, &settings.from) else { return Ok(None) };
        // Others in the process may have brought another provider, and then none is chosen by itself.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let from = from.parse().map_err(|_| Error::Mail(format!("mail.from is no address: {from}")))?;
        let builder = match settings.encryption {
            Encryption::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(host.as_str()),
            Encryption::Starttls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(host.as_str()),
            Encryption::None => Ok(AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host.as_str())),
        };
        let mut builder = builder.map_err(|error| Error::Mail(error.to_string()))?;
        builder = builder.port(settings.port).timeout(Some(TIMEOUT));
        if let (Some(user), Some(password)) = (&settings.user, &settings.password) {
            builder = builder.credentials(Credentials::new(user.clone(), password.expose().to_owned()));
        }
        Ok(Some(Self { transport: builder.build(), from }))
    }

    fn message(&self, mail: &Mail) -> Result<Message, Box<dyn std::error::Error + Send + Sync>> {
        let to = Mailbox::new(None, mail.to.parse()?);
        let parts = MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone());
        let builder = Message::builder().from(self.from.clone()).to(to).subject(mail.subject.as_str());
        Ok(builder.message_id(None).header(AutoSubmitted).multipart(parts)?)
    }
}

impl Mailer for Smtp {
    fn send<'m>(&'m self, mail: &'m Mail) -> BoxFuture<'m, Result<(), MailFault>> {
        Box::pin(async move {
            let message = self.message(mail);
            let message = message.map_err(|error| MailFault { reason: error.to_string(), is_final: true })?;
            let sent = self.transport.send(message).await;
            // What our side or the settings are to blame for is no better a minute later.
            let is_final = |error: &lettre::transport::smtp::Error| error.is_permanent() || error.is_client();
            sent.map(drop).map_err(|error| MailFault { reason: reason(&error), is_final: is_final(&error) })
        })
    }
}

/// The error and what it came from, on one line.
fn reason(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text.replace(['\r', '\n'], " ")
}
