//! The limit on the size of files, which `ulimit -f` sets.
//!
//! A write beyond it sends a signal that ends the process, unless somebody listens for it; then the write fails. An engine
//! takes that for a full medium and goes back to what was stored, so it is better to be told than to be ended.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rustix::process::Signal;

/// Lets writes beyond the limit fail instead of ending the process.
///
/// Where that cannot be had they end it as they do without: what is stored stays whole either way.
pub(crate) fn refuse_instead_of_ending() {
    // Nobody looks at the flag: it is the error of the write that tells.
    let _ = signal_hook::flag::register(Signal::XFSZ.as_raw(), Arc::new(AtomicBool::new(false)));
}
