//! What is going on, shown on a terminal and nowhere else.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget};

pub(super) struct Progress(ProgressBar);

impl Progress {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        if std::io::stderr().is_terminal() {
            bar.enable_steady_tick(Duration::from_millis(100));
        } else {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        Self(bar)
    }

    pub(super) fn says(&self, what: &str) {
        self.0.set_message(what.to_owned());
    }

    pub(super) fn percent(&self, done: u64, of: u64) {
        let percent = u128::from(done) * 100 / u128::from(of.max(1));
        self.says(&format!("making the log file: {percent}%"));
    }

    /// Lets `print` write to the terminal without the two getting mixed.
    pub(super) fn pause<T>(&self, print: impl FnOnce() -> T) -> T {
        self.0.suspend(print)
    }
}
