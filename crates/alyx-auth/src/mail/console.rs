//! Mail that is shown to the developer and goes nowhere.

use futures_util::future::{BoxFuture, ready};

use super::{Mail, MailFault, Mailer};

/// Gives each mail to a function, which may print its link.
pub struct Console {
    show: Box<dyn Fn(&Mail) + Send + Sync>,
}

impl Console {
    /// Mail is given to `show`.
    pub fn new(show: impl Fn(&Mail) + Send + Sync + 'static) -> Self {
        Self { show: Box::new(show) }
    }
}

impl Mailer for Console {
    fn send<'m>(&'m self, mail: &'m Mail) -> BoxFuture<'m, Result<(), MailFault>> {
        (self.show)(mail);
        Box::pin(ready(Ok(())))
    }
}
