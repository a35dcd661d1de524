//! The store: reads where they are called, everything else on the thread that owns the database.

use std::convert::Infallible;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, mpsc as queue};
use std::thread::JoinHandle;

use codestrata_core::backend::check_key_count;
use codestrata_core::{
    Backend, Batch, Bytes, Capabilities, Error, ErrorKind, Key, OpenMode, Page, ReadView, Result,
    ScanRequest, Stats, async_trait,
};
use redb::ReadOnlyDatabase;
use tokio::sync::{mpsc, oneshot};

use crate::commit::{Access, Command, Committer, Reply, Shared};
use crate::config::RedbConfig;
use crate::file::FileMedium;
use crate::medium::Medium;
use crate::read::{Alive, View, run_blocking};
use crate::snapshot::{Gone, Snapshot, Snapshots};
use crate::watch::Progress;
use crate::{error, opening};

/// A store in one redb file.
pub struct RedbBackend {
    role: Role,
    capabilities: Capabilities,
    medium: Arc<dyn Medium>,
    path: Arc<Path>,
}

enum Role {
    Writer(Writer),
    Reader(Reader),
}

impl RedbBackend {
    /// Opens a store.
    ///
    /// # Errors
    /// `NotFound`, `Locked`, `Corruption`, and `InvalidConfig` for a path that cannot be a store.
    pub async fn open(config: RedbConfig) -> Result<Self> {
        Self::open_through(config, |medium| medium).await
    }

    /// Opens a store at the path of its configuration, every step towards it through the medium that is made of it:
    /// so a test can count them and make them fail.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_through(
        config: RedbConfig,
        wrap: impl FnOnce(Arc<dyn Medium>) -> Arc<dyn Medium> + Send,
    ) -> Result<Self> {
        Self::open_on(wrap(Arc::new(FileMedium::new(&config.path))), config).await
    }

    /// Opens a store on a medium; the path of the configuration is only for messages.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_on(medium: Arc<dyn Medium>, config: RedbConfig) -> Result<Self> {
        let path: Arc<Path> = config.path.clone().into();
        let capabilities =
            crate::DESCRIPTOR.declared_capabilities().with_snapshots(Some(config.snapshot_max_age));
        let role = match config.mode {
            OpenMode::ReadOnly => Role::Reader(Reader::open(Arc::clone(&medium), config).await?),
            OpenMode::Create | OpenMode::Existing => {
                Role::Writer(Writer::open(Arc::clone(&medium), config).await?)
            }
        };
        Ok(Self { role, capabilities, medium, path })
    }

    async fn view(&self) -> Result<Arc<View>> {
        match &self.role {
            Role::Writer(writer) => writer.view().await,
            Role::Reader(reader) => reader.view().await,
        }
    }

    async fn ask(&self, command: fn(Reply) -> Command) -> Result<()> {
        // A closed or poisoned store says so first.
        self.view().await?;
        match &self.role {
            Role::Writer(writer) => writer.ask(command).await,
            Role::Reader(_) => Err(error::read_only(&self.path)),
        }
    }
}

#[async_trait]
impl ReadView for RedbBackend {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        let view = self.view().await?;
        check_key_count(keys.len())?;
        view.get_many(keys).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        self.view().await?.scan(request).await
    }
}

#[async_trait]
impl Backend for RedbBackend {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn revision(&self) -> Option<u64> {
        match &self.role {
            Role::Writer(writer) => writer.shared.revision(),
            // Another process commits when it likes.
            Role::Reader(_) => None,
        }
    }

    async fn apply(&self, batch: Batch) -> Result<()> {
        match &self.role {
            Role::Reader(reader) => reader.check_open().and_then(|_| Err(error::read_only(&self.path))),
            Role::Writer(writer) => {
                writer.check_open()?;
                // Synced or not: every commit is, as the crate's documentation says.
                batch.check(&self.capabilities)?;
                writer.ask(|reply| Command::Apply(batch, reply)).await
            }
        }
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadView>> {
        Ok(match &self.role {
            Role::Writer(writer) => Box::new(writer.snapshot().await?),
            Role::Reader(reader) => Box::new(reader.snapshots.take(reader.view().await?)),
        })
    }

    async fn flush(&self) -> Result<()> {
        // What was acknowledged is on the medium.
        self.view().await.map(drop)
    }

    async fn close(&self) -> Result<()> {
        match &self.role {
            Role::Writer(writer) => match writer.ask(Command::Close).await {
                Err(closed) if closed.kind() == ErrorKind::Closed => Ok(()),
                closed => closed,
            },
            Role::Reader(reader) => reader.close().await,
        }
    }

    async fn stats(&self) -> Result<Stats> {
        let mut stats = Stats::default();
        stats.keys = Some(self.view().await?.len()?);
        stats.disk_bytes = self.medium.length().ok();
        Ok(stats)
    }

    async fn compact(&self) -> Result<()> {
        self.ask(Command::Compact).await
    }

    async fn verify(&self) -> Result<()> {
        self.ask(Command::Verify).await
    }
}

/// The end that talks to the thread.
struct Writer {
    shared: Arc<Shared>,
    // None only while it is dropped.
    queue: Option<queue::Sender<Command>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    async fn open(medium: Arc<dyn Medium>, config: RedbConfig) -> Result<Self> {
        let path: Arc<Path> = config.path.clone().into();
        let snapshots = Snapshots::new(config.snapshot_max_age, Arc::clone(&path));
        let shared = Arc::new(Shared::new(snapshots, path));
        let (sender, commands) = queue::channel();
        let (opened, whether_opened) = oneshot::channel();
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("codestrata-redb".to_owned())
            .spawn(move || match Committer::open(medium, config, theirs) {
                Ok(committer) => {
                    // Whoever asked may have gone; then the queue is closed too.
                    let _ = opened.send(Ok(()));
                    committer.run(&commands);
                }
                Err(failed) => {
                    let _ = opened.send(Err(failed));
                }
            })
            .map_err(|e| error::of_io(&shared.path, "starting a thread for", e))?;
        let writer = Self { shared, queue: Some(sender), thread: Some(thread) };
        whether_opened.await.unwrap_or_else(|_| Err(writer.gone()))?;
        Ok(writer)
    }

    /// What reads find, or what stands against them; nothing while the thread needs the database for itself.
    fn look<T>(&self, open: impl FnOnce(&Arc<View>) -> T) -> Result<Option<T>> {
        match &*self.shared.access().borrow() {
            Access::Open(view) => view.check().map(|()| Some(open(view))),
            Access::Busy => Ok(None),
            Access::Poisoned(why) => Err(error::poisoned(&self.shared.path, why)),
            Access::Closed => Err(error::closed(&self.shared.path)),
        }
    }

    async fn when_open<T>(&self, open: impl Fn(&Arc<View>) -> T) -> Result<T> {
        loop {
            let mut changes = self.shared.access().subscribe();
            if let Some(found) = self.look(&open)? {
                return Ok(found);
            }
            if changes.changed().await.is_err() {
                return Err(self.gone());
            }
        }
    }

    async fn view(&self) -> Result<Arc<View>> {
        if let Some(view) = self.look(Arc::clone)? {
            return Ok(view);
        }
        self.when_open(Arc::clone).await
    }

    fn check_open(&self) -> Result<()> {
        self.look(|_| ()).map(drop)
    }

    async fn snapshot(&self) -> Result<Snapshot> {
        // Listed before the thread can make itself busy, so that it never waits for a view it does not know of.
        self.when_open(|view| self.shared.snapshots.take(Arc::clone(view))).await
    }

    async fn ask(&self, command: impl FnOnce(Reply) -> Command) -> Result<()> {
        let (reply, answer) = oneshot::channel();
        let sent = self.queue.as_ref().is_some_and(|queue| queue.send(command(reply)).is_ok());
        if !sent {
            return Err(self.gone());
        }
        answer.await.unwrap_or_else(|_| Err(self.gone()))
    }

    /// The error when the thread has ended.
    fn gone(&self) -> Error {
        match self.check_open() {
            Err(why) => why,
            Ok(()) => Error::new(ErrorKind::Internal, "the commit thread has ended").with_help("report this"),
        }
    }
}

impl Drop for Writer {
    /// Waits until the file is closed, so that it can be opened again at once. Nobody else can be waiting for
    /// the thread now. Closing first, from async code, keeps this short.
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was shown when it happened.
            let _ = thread.join();
        }
    }
}

/// A store that another process may be writing to. Every read begins anew, and sees what was committed by then.
struct Reader {
    opened: Arc<Mutex<Option<Opened>>>,
    all_gone: tokio::sync::Mutex<mpsc::Receiver<Infallible>>,
    snapshots: Snapshots,
    medium: Arc<dyn Medium>,
    config: RedbConfig,
    path: Arc<Path>,
}

#[derive(Clone)]
struct Opened {
    database: Arc<ReadOnlyDatabase>,
    progress: Progress,
    alive: Alive,
}

impl Reader {
    async fn open(medium: Arc<dyn Medium>, config: RedbConfig) -> Result<Self> {
        let (alive, all_gone) = mpsc::channel(1);
        // A file that was closed, or has a writer, takes some ten reads; to make a thread for them would take longer.
        let opened = match opening::open_follower_at_once(&*medium, &config)? {
            Some(opened) => opened,
            None => {
                let (medium, config) = (Arc::clone(&medium), config.clone());
                run_blocking(move || opening::open_follower(&*medium, &config)).await?
            }
        };
        let opened = Opened::of(opened, alive);
        let path: Arc<Path> = config.path.clone().into();
        Ok(Self {
            opened: Arc::new(Mutex::new(Some(opened))),
            all_gone: tokio::sync::Mutex::new(all_gone),
            snapshots: Snapshots::new(config.snapshot_max_age, Arc::clone(&path)),
            medium,
            config,
            path,
        })
    }

    fn check_open(&self) -> Result<Opened> {
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner).clone();
        opened.ok_or_else(|| error::closed(&self.path))
    }

    /// What is committed now. After damage redb answers nothing any more, so the file is opened anew: what is damaged
    /// answers the same again, and everything else can be read.
    async fn view(&self) -> Result<Arc<View>> {
        let mut opened = self.check_open()?;
        if opened.progress.damage().is_some() {
            let (all, medium, config) =
                (Arc::clone(&self.opened), Arc::clone(&self.medium), self.config.clone());
            run_blocking(move || reopen(&all, &*medium, &config)).await?;
            opened = self.check_open()?;
        }
        let Opened { database, progress, alive } = opened;
        Ok(Arc::new(View::begin(&*database, &self.path, &progress, alive)?))
    }

    async fn close(&self) -> Result<()> {
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.snapshots.release_all(Gone::Closed);
        // The last owner of the database closes it; a read under way may own it a little longer.
        drop(opened);
        // Nothing is ever sent; it answers when the last view is gone.
        let _: Option<Infallible> = self.all_gone.lock().await.recv().await;
        Ok(())
    }
}

impl Opened {
    fn of((database, progress): (ReadOnlyDatabase, Progress), alive: Alive) -> Self {
        Self { database: Arc::new(database), progress, alive }
    }
}

/// Opens the file anew, unless somebody else has done so meanwhile or has closed the store.
fn reopen(all: &Mutex<Option<Opened>>, medium: &dyn Medium, config: &RedbConfig) -> Result<()> {
    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(opened) = &*all
        && opened.progress.damage().is_some()
    {
        let alive = opened.alive.clone();
        *all = Some(Opened::of(opening::open_follower(medium, config)?, alive));
    }
    Ok(())
}
