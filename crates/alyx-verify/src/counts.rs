//! What happened in a run, in figures.

use alyx_testing::{Value, json};

/// The figures of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) worlds: u64,
    pub(crate) barriers: u64,
    pub(crate) compared: u64,
    pub(crate) judged: u64,
    pub(crate) messages: u64,
    pub(crate) deltas: u64,
    pub(crate) deltas_without_change: u64,
    pub(crate) snapshots: u64,
    pub(crate) reconnects: u64,
    pub(crate) kills: u64,
    pub(crate) stops: u64,
    pub(crate) resumed_empty: u64,
    pub(crate) resumed_by_difference: u64,
    /// Resumes with a fresh snapshot since somebody's rights are others than then.
    pub(crate) resumed_afresh: u64,
    /// Live subscriptions that began again since their client was too slow.
    pub(crate) overflows: u64,
    pub(crate) refused: u64,
    pub(crate) stalls: u64,
    pub(crate) rights_changed: u64,
    pub(crate) writes: u64,
    pub(crate) writes_refused: u64,
    pub(crate) writes_unanswered: u64,
    pub(crate) writes_beside: u64,
}

impl Counts {
    /// Every figure with its name.
    pub(crate) fn figures(&self) -> [(&'static str, u64); 22] {
        [
            ("schemas", self.worlds),
            ("reconnects", self.reconnects),
            ("server_kills", self.kills),
            ("server_stops", self.stops),
            ("barriers", self.barriers),
            ("states_compared", self.compared),
            ("documents_judged", self.judged),
            ("messages", self.messages),
            ("deltas", self.deltas),
            ("deltas_without_change", self.deltas_without_change),
            ("snapshots", self.snapshots),
            ("resumed_by_difference", self.resumed_by_difference),
            ("resumed_with_nothing_missed", self.resumed_empty),
            ("resumed_afresh_with_other_rights", self.resumed_afresh),
            ("began_again_when_slow", self.overflows),
            ("subscriptions_refused", self.refused),
            ("stalls", self.stalls),
            ("rights_changed", self.rights_changed),
            ("writes", self.writes),
            ("writes_refused", self.writes_refused),
            ("writes_without_answer", self.writes_unanswered),
            ("writes_of_other_processes", self.writes_beside),
        ]
    }

    pub(crate) fn json(&self, seed: u64) -> Value {
        let mut all = json!({"seed": seed, "lost": 0, "duplicated": 0, "forbidden": 0});
        for (name, figure) in self.figures() {
            all[name] = json!(figure);
        }
        all
    }

    pub(crate) fn text(&self) -> String {
        let lines = self.figures().map(|(name, figure)| format!("{figure:>9} {}", name.replace('_', " ")));
        lines.join("\n")
    }
}
