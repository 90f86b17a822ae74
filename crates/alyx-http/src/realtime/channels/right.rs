//! What a caller may do in a channel.

use alyx_query::{Predicate, Truth};
use alyx_rules::{ChannelOperation, CompiledRule, Context};
use alyx_schema::{Document, channel::Channel};

use crate::{
    access::{Caller, RequestFacts},
    error::{ApiError, Code, Result},
    served::Served,
};

/// What somebody may do who joins.
#[derive(Clone, Copy)]
pub(in crate::realtime) struct Rights {
    pub(in crate::realtime) join: bool,
    pub(in crate::realtime) presence: bool,
    /// Whether that depends on documents.
    pub(in crate::realtime) asks: bool,
}

/// Who asks, and when and from where.
pub(in crate::realtime) type Asker<'a> = (&'a Caller, RequestFacts);

/// Whether this caller may join, and be seen.
pub(in crate::realtime) async fn rights(served: &Served, asker: Asker<'_>, name: &str) -> Result<Rights> {
    let found = find(served, name)?;
    let [join, presence] =
        [ChannelOperation::Join, ChannelOperation::Presence].map(|operation| right(served, &asker, &found, operation));
    let asks = [&join, &presence].into_iter().any(|right| !matches!(right, Predicate::Constant(_)));
    let holds = hold(served, &found, &[&join, &presence]).await?;
    Ok(Rights { join: holds[0], presence: holds[1], asks })
}

/// Whether this caller may send.
pub(in crate::realtime) async fn may_broadcast(served: &Served, asker: Asker<'_>, name: &str) -> Result<bool> {
    let found = find(served, name)?;
    let right = right(served, &asker, &found, ChannelOperation::Broadcast);
    Ok(hold(served, &found, &[&right]).await?[0])
}

/// Whether the rule for sending looks at what is sent.
pub(in crate::realtime) fn looks_at_body(served: &Served, name: &str) -> bool {
    let rule = served.schema().channel(name).and_then(|(channel, _)| {
        served.rules().channel_rule(channel, ChannelOperation::Broadcast).map(CompiledRule::text)
    });
    rule.is_some_and(|text| text.contains("body"))
}

fn find<'s>(served: &'s Served, name: &str) -> Result<(&'s Channel, Document)> {
    served.schema().channel(name).ok_or_else(|| {
        let shown: String = name.chars().take(alyx_schema::channel::MAX_NAME).collect();
        let nearest = served.schema().nearest_channel(&shown);
        let meant = nearest.map(|nearest| format!("; did you mean {nearest:?}?")).unwrap_or_default();
        ApiError::new(Code::NotFound, format!("there is no channel {shown:?}{meant}"))
    })
}

/// What must hold of documents for the caller to be let through.
fn right(
    served: &Served,
    (caller, facts): &Asker<'_>,
    (channel, document): &(&Channel, Document),
    operation: ChannelOperation,
) -> Predicate {
    if caller.is_admin() {
        return Predicate::TRUE;
    }
    let rule = served.rules().channel_rule(channel, operation).filter(|_| caller.is_client());
    let context = Context { auth: caller.identity(), request: facts };
    rule.map_or(Predicate::FALSE, |rule| rule.decide_for(&context, document).predicate())
}

/// Which of these hold; nothing is asked of the store where that is known.
async fn hold(served: &Served, (channel, _): &(&Channel, Document), rights: &[&Predicate]) -> Result<Vec<bool>> {
    let is_known = |right: &&Predicate| matches!(right, Predicate::Constant(_));
    if rights.iter().all(is_known) {
        return Ok(rights.iter().map(|right| **right == Predicate::Constant(Truth::True)).collect());
    }
    let mut holds = served.store().judge_alone(&channel.shape, rights).await?;
    holds.resize(rights.len(), false);
    Ok(holds)
}
