//! The thread on which batches go in.
//!
//! What sled takes for a batch, twenty times its bytes, is given back to the allocator, which keeps it for the thread that
//! had it. A blocking thread of the executor's that is another one for each batch therefore makes the process grow
//! with every batch: copies of one, three and six equal graphs took 440, 520 and 650 MB, and take 310, 315 and 350 on
//! one thread and in batches of a MiB.

use std::path::Path;
use std::sync::mpsc;

use codestrata_core::{Error, ErrorKind, Result};
use tokio::sync::oneshot;

use crate::error;

type Work = Box<dyn FnOnce() + Send>;

/// The end that hands work to the thread, which ends when it is dropped and all that was handed to it is done.
pub(crate) struct WritingThread {
    queue: mpsc::Sender<Work>,
}

impl WritingThread {
    pub(crate) fn start(path: &Path) -> Result<Self> {
        let (queue, waiting) = mpsc::channel::<Work>();
        std::thread::Builder::new()
            .name("codestrata-sled".to_owned())
            .spawn(move || waiting.into_iter().for_each(|work| work()))
            .map_err(|e| error::of_io(path, "starting a thread for", e))?;
        Ok(Self { queue })
    }

    /// Does work there, to its end, whether the caller waits for it or not.
    pub(crate) async fn run(&self, work: impl FnOnce() -> Result<()> + Send + 'static) -> Result<()> {
        let (reply, answer) = oneshot::channel();
        let gone =
            || Error::new(ErrorKind::Internal, "the writing thread has ended").with_help("report this");
        let work: Work = Box::new(move || {
            // A caller who no longer waits does not mind.
            let _ = reply.send(work());
        });
        self.queue.send(work).map_err(|_| gone())?;
        answer.await.unwrap_or_else(|_| Err(gone()))
    }
}
