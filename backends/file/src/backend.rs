//! The store: reads where they are called, writes on the thread that owns the log.

use std::path::Path;
use std::sync::mpsc as queue;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use codestrata_core::backend::check_key_count;
use codestrata_core::{
    Backend, Batch, Bytes, Capabilities, Error, ErrorKind, Key, OpenMode, Page, ReadView, Result,
    ScanRequest, Stats, async_trait,
};
use tokio::sync::oneshot;

use crate::commit::{Access, Command, Committer, Reply, Shared};
use crate::config::FileConfig;
use crate::folder::Folder;
use crate::medium::Medium;
use crate::snapshot::Snapshots;
use crate::view::{View, run_blocking};
use crate::{error, recover};

/// A store in a folder of log files.
pub struct FileBackend {
    role: Role,
    shared: Arc<Shared>,
    capabilities: Capabilities,
}

enum Role {
    Writer(Writer),
    /// The folder, while it is locked for reading.
    Reader(Mutex<Option<Arc<dyn Medium>>>),
}

impl FileBackend {
    /// Opens a store.
    ///
    /// # Errors
    /// `NotFound`, `Locked`, `Corruption`, and `InvalidConfig` for a path that cannot be a store.
    pub async fn open(config: FileConfig) -> Result<Self> {
        Self::open_through(config, |medium| medium).await
    }

    /// Opens a store in the folder of its configuration, every step towards it through the medium that is made of it:
    /// so a test can count them and make them fail.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_through(
        config: FileConfig,
        wrap: impl FnOnce(Arc<dyn Medium>) -> Arc<dyn Medium> + Send,
    ) -> Result<Self> {
        let (path, mode) = (config.path.clone(), config.mode);
        let folder = run_blocking(move || Folder::open(&path, mode)).await?;
        Self::open_on(wrap(Arc::new(folder)), config).await
    }

    /// Opens a store on a medium that is locked already, for the mode of the configuration.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_on(medium: Arc<dyn Medium>, config: FileConfig) -> Result<Self> {
        let folder: Arc<Path> = config.path.clone().into();
        let capabilities =
            crate::DESCRIPTOR.declared_capabilities().with_snapshots(Some(config.snapshot_max_age));
        let snapshots = Snapshots::new(config.snapshot_max_age, Arc::clone(&folder));
        let shared = Arc::new(Shared::new(snapshots, folder));
        let role = match config.mode {
            OpenMode::ReadOnly => {
                let theirs = Arc::clone(&shared);
                let (medium, view) = run_blocking(move || {
                    recover::open_reader(&*medium, &theirs.folder).map(|view| (medium, view))
                })
                .await?;
                shared.set(Access::Open(Arc::new(view)));
                Role::Reader(Mutex::new(Some(medium)))
            }
            OpenMode::Create | OpenMode::Existing => {
                Role::Writer(Writer::open(medium, config, Arc::clone(&shared)).await?)
            }
        };
        Ok(Self { role, shared, capabilities })
    }

    fn view(&self) -> Result<Arc<View>> {
        self.shared.view()
    }

    async fn ask(&self, command: impl FnOnce(Reply) -> Command) -> Result<()> {
        // A closed or poisoned store says so first.
        self.view()?;
        match &self.role {
            Role::Reader(_) => Err(error::read_only(&self.shared.folder)),
            Role::Writer(writer) => writer.ask(command).await.unwrap_or_else(|| Err(self.gone())),
        }
    }

    /// The error when the thread has ended.
    fn gone(&self) -> Error {
        match self.view() {
            Err(why) => why,
            Ok(_) => Error::new(ErrorKind::Internal, "the commit thread has ended").with_help("report this"),
        }
    }
}

#[async_trait]
impl ReadView for FileBackend {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        let view = self.view()?;
        check_key_count(keys.len())?;
        view.get_many(keys).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        self.view()?.scan(request).await
    }
}

#[async_trait]
impl Backend for FileBackend {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn revision(&self) -> Option<u64> {
        // Where the folder is locked for reading, nobody writes.
        self.shared.revision()
    }

    async fn apply(&self, batch: Batch) -> Result<()> {
        self.view()?;
        if matches!(self.role, Role::Reader(_)) {
            return Err(error::read_only(&self.shared.folder));
        }
        let acknowledge = batch.check(&self.capabilities)?;
        self.ask(|reply| Command::Apply(batch, acknowledge, reply)).await
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadView>> {
        Ok(Box::new(self.shared.snapshots.take(self.view()?)))
    }

    async fn flush(&self) -> Result<()> {
        match &self.role {
            Role::Reader(_) => self.view().map(drop),
            Role::Writer(_) => self.ask(Command::Flush).await,
        }
    }

    async fn close(&self) -> Result<()> {
        match &self.role {
            Role::Reader(medium) => {
                self.shared.set(Access::Closed);
                // The lock goes with it.
                drop(medium.lock().unwrap_or_else(PoisonError::into_inner).take());
                Ok(())
            }
            // No thread, no store: it was closed before.
            Role::Writer(writer) => writer.ask(Command::Close).await.unwrap_or(Ok(())),
        }
    }

    async fn stats(&self) -> Result<Stats> {
        Ok(self.view()?.stats())
    }

    async fn compact(&self) -> Result<()> {
        self.ask(Command::Compact).await
    }

    async fn verify(&self) -> Result<()> {
        let view = self.view()?;
        if matches!(self.role, Role::Writer(_)) {
            self.ask(Command::Verify).await?;
        }
        run_blocking(move || view.verify()).await
    }
}

/// The end that talks to the thread.
struct Writer {
    // None only while it is dropped.
    queue: Option<queue::Sender<Command>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    async fn open(medium: Arc<dyn Medium>, config: FileConfig, shared: Arc<Shared>) -> Result<Self> {
        let (sender, commands) = queue::channel();
        let (opened, whether_opened) = oneshot::channel();
        let folder = Arc::clone(&shared.folder);
        let thread = std::thread::Builder::new()
            .name("codestrata-file".to_owned())
            .spawn(move || match Committer::open(medium, &config, shared) {
                Ok(committer) => {
                    // Whoever asked may have gone; then the queue is closed too.
                    let _ = opened.send(Ok(()));
                    committer.run(&commands);
                }
                Err(failed) => {
                    let _ = opened.send(Err(failed));
                }
            })
            .map_err(|e| error::of_io(&folder, "starting a thread for", e))?;
        let writer = Self { queue: Some(sender), thread: Some(thread) };
        whether_opened.await.unwrap_or_else(|_| {
            Err(Error::new(ErrorKind::Internal, "the commit thread has ended").with_help("report this"))
        })?;
        Ok(writer)
    }

    /// The answer of the thread, or nothing if it has ended.
    async fn ask(&self, command: impl FnOnce(Reply) -> Command) -> Option<Result<()>> {
        let (reply, answer) = oneshot::channel();
        self.queue.as_ref()?.send(command(reply)).ok()?;
        answer.await.ok()
    }
}

impl Drop for Writer {
    /// Waits until the files are closed, so that the store can be opened again at once. Nobody else can be waiting
    /// for the thread now. Closing first, from async code, keeps this short.
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was shown when it happened.
            let _ = thread.join();
        }
    }
}
