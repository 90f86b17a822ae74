//! What a connection may show when its caller, or what is served, changes.

use std::time::Duration;

use actix_ws::CloseCode;
use alyx_realtime::Error as LiveError;
use alyx_store::account::AccountChange;
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use tokio::sync::broadcast::error::RecvError;

use super::{Connection, End, Step, channels::Again};
use crate::{
    access::Caller,
    realtime::{
        channels::text,
        message,
        sockets::News,
        subscription::{self, Subscription},
    },
};

/// Changes of who calls, and of what is served.
impl Connection {
    pub(super) async fn authenticate(&mut self, id: Option<&Json>, token: Vec<u8>) -> Step {
        let caller = match Caller::of_token(&token, &self.state).await {
            Ok(caller) => caller,
            Err(error) => return self.refuse(id, None, &error).await,
        };
        (self.caller, self.token) = (caller, Some(token));
        let user = text::user(&self.caller);
        self.send(message::told("authenticated", id, &json!({"user": user}))).await?;
        self.ask_again().await?;
        self.ask_channels_again(Again::All).await
    }

    pub(super) async fn account_changed(&mut self, event: Result<AccountChange, RecvError>) -> Step {
        match event {
            Ok(change) if self.caller.identity().is_none_or(|own| own.id != change.account.as_str()) => Ok(()),
            Ok(_) | Err(RecvError::Lagged(_)) => self.identify_again().await,
            Err(RecvError::Closed) => Err(End(None)),
        }
    }

    /// Looks who calls now; who is nobody any more is told, and sees what anybody sees.
    pub(super) async fn identify_again(&mut self) -> Step {
        let Some(token) = &self.token else { return Ok(()) };
        match Caller::of_token(token, &self.state).await {
            Ok(caller) => self.caller = caller,
            Err(error) => {
                (self.caller, self.token) = (Caller::Anonymous, None);
                self.refuse(None, None, &error).await?;
            }
        }
        self.ask_again().await?;
        self.ask_channels_again(Again::All).await
    }

    /// Asks what may be another with time alone.
    pub(super) async fn look_at_clock(&mut self) -> Step {
        if self.served.looks_at_time() {
            self.ask_again().await?;
        }
        if self.served.channels_look_at_time() {
            self.ask_channels_again(Again::All).await?;
        }
        Ok(())
    }

    /// Asks all questions as who calls now; what may not be asked any more shows nothing.
    async fn ask_again(&mut self) -> Step {
        for number in self.subscriptions.keys().copied().collect::<Vec<_>>() {
            let Some(subscription) = self.subscriptions.get(&number) else { continue };
            let old = subscription.question.clone();
            let new = match self.question(&subscription.sent) {
                Ok(question) => question,
                Err(_) => subscription::blind(&old),
            };
            if new.key() == old.key() {
                continue;
            }
            let live = self.served.live().clone();
            let switched = live.switch((&old, &new), (&self.mailbox, number)).await;
            match (switched, self.subscriptions.get_mut(&number)) {
                (Ok(_), Some(subscription)) => subscription.question = new,
                // It begins again in a moment, when this connection hears of it.
                (Ok(_), None) | (Err(LiveError::Replaced), _) => {}
                (Err(error), _) => self.fail(number, error).await?,
            }
        }
        Ok(())
    }

    /// A subscription that cannot go on ends: nothing is shown that may have become secret.
    async fn fail(&mut self, number: u64, error: LiveError) -> Step {
        let Some(subscription) = self.end(number) else { return Ok(()) };
        self.refuse(None, Some(&subscription.id), &error.into()).await
    }

    pub(super) async fn hear_news(&mut self, news: News) -> Step {
        if news.stopping {
            return Err(End(Some(CloseCode::Away.into())));
        }
        self.served = self.state.served();
        // Those of before stay with a hub that has nothing to tell any more.
        for subscription in std::mem::take(&mut self.subscriptions).into_values() {
            match self.question(&subscription.sent) {
                Ok(question) => self.resync(Box::new(Subscription { question, ..*subscription })).await?,
                Err(error) => self.refuse(None, Some(&subscription.id), &error).await?,
            }
        }
        if let Some(desk) = &mut self.desk {
            desk.lookout = None;
        }
        self.ask_channels_again(Again::All).await
    }

    /// How long the token is still good.
    pub(super) fn time_until(&self, expires_at: Timestamp) -> Duration {
        let left = expires_at.duration_since(self.state.clock().now());
        Duration::try_from(left).unwrap_or_default().max(Duration::from_millis(10))
    }
}
