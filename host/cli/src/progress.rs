//! A bar on a terminal, and nothing anywhere else.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use codestrata::copy::{CopyStep, CopyWatch};
use codestrata_index::{Observer, Phase};
use indicatif::{BinaryBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::interrupt::Stop;

/// What is shown where nobody knows how long it takes.
const WAITING: &str = "{spinner} {msg} {elapsed}";

/// Shows how far indexing is, and passes Ctrl-C on to it.
pub(crate) struct Progress {
    bar: ProgressBar,
    stop: Stop,
    is_storing: Arc<AtomicBool>,
}

impl Progress {
    /// Begins; hidden when stderr is no terminal, or when nobody wants it.
    pub(crate) fn begin(is_quiet: bool) -> Self {
        Self::begin_with(is_quiet, || {})
    }

    /// The same, for work that leaves something behind which the second Ctrl-C, where it ends the process, is to remove.
    pub(crate) fn begin_with(is_quiet: bool, last: impl Fn() + Send + 'static) -> Self {
        let target = if is_quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template(WAITING) {
            bar.set_style(style);
        }
        let is_storing = Arc::new(AtomicBool::new(false));
        let theirs = (bar.clone(), Arc::clone(&is_storing));
        let first = move || {
            let (bar, is_storing) = &theirs;
            // A commit under way is finished: it is the shorter way out.
            let doing = if is_storing.load(Ordering::Relaxed) { "finishing" } else { "stopping" };
            bar.set_message(format!("{doing}; Ctrl-C again ends at once"));
        };
        let stop = Stop::listen_to_both(first, last);
        Self { bar, stop, is_storing }
    }

    /// Takes the bar away.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }

    /// Says what is waited for.
    pub(crate) fn wait_for(&self, what: &'static str) {
        self.show(WAITING, what);
    }

    /// Says what is done, unless it is to stop, which is said already.
    pub(crate) fn say(&self, what: String) {
        if !self.is_asked_to_stop() {
            self.show(WAITING, what);
        }
    }

    /// Whether Ctrl-C was pressed.
    pub(crate) fn is_asked_to_stop(&self) -> bool {
        self.stop.is_asked()
    }

    fn show(&self, template: &str, message: impl Into<Cow<'static, str>>) {
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
        self.bar.set_message(message);
        self.bar.enable_steady_tick(Duration::from_millis(100));
    }
}

impl Observer for Progress {
    fn began(&self, phase: Phase, steps: u64) {
        self.bar.reset();
        self.is_storing.store(phase == Phase::Storing, Ordering::Relaxed);
        match phase {
            Phase::Walking => self.show(WAITING, "looking for sources"),
            Phase::Reading => {
                self.bar.set_length(steps);
                self.show("{bar:30} {pos}/{len} {msg}", "reading");
            }
            Phase::Storing => self.show(WAITING, "linking and storing"),
            Phase::Checking => {
                self.bar.set_length(steps);
                self.show("{bar:30} {pos}/{len} {msg}", "verifying");
            }
        }
    }

    fn stepped(&self) {
        self.bar.inc(1);
    }

    fn is_stopped(&self) -> bool {
        self.stop.is_asked()
    }
}

impl CopyWatch for Progress {
    fn began(&self, _: &str, step: CopyStep) {
        self.bar.reset();
        match step {
            CopyStep::Copying => self.show(WAITING, "copying"),
            CopyStep::Comparing => self.show(WAITING, "comparing"),
        }
    }

    fn copied(&self, records: u64, bytes: u64) {
        if !self.stop.is_asked() {
            self.bar.set_message(format!("copying: {} records, {}", HumanCount(records), BinaryBytes(bytes)));
        }
    }

    fn is_stopped(&self) -> bool {
        self.stop.is_asked()
    }
}
