//! Progress bars on standard error: only on terminals, and gone when the work is done.

use std::time::Duration;

use alyx_store::migration::Event;
use indicatif::{ProgressBar, ProgressStyle};

/// A bar over a known number of things.
pub(crate) fn bar(total: u64, doing: &'static str) -> ProgressBar {
    let template = "{msg:>12} [{bar:32}] {human_pos}/{human_len} {eta:>5}";
    styled(ProgressBar::new(total), template, doing)
}

/// A bar over bytes.
pub(crate) fn bytes(doing: &'static str) -> ProgressBar {
    let template = "{msg:>12} [{bar:32}] {bytes}/{total_bytes} {eta:>5}";
    styled(ProgressBar::new(0), template, doing)
}

/// A counter for work whose size is not known.
pub(crate) fn counter(doing: &'static str) -> ProgressBar {
    let spinner = styled(ProgressBar::new_spinner(), "{msg:>12} {spinner} {human_pos}", doing);
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}

fn styled(bar: ProgressBar, template: &'static str, doing: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).expect("the templates of this file are well formed");
    bar.set_style(style.progress_chars("=> "));
    bar.set_message(doing);
    bar
}

/// Moves a bar to where a migration is.
pub(crate) fn follow(bar: &ProgressBar, event: &Event<'_>) {
    bar.set_length(event.total as u64);
    bar.set_position(event.done as u64);
}
