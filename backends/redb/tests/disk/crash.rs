//! What is left of a store when everything stops after some step.
//!
//! What a loss of power may do here is as bad as the assumptions in `docs/durability.md` allow: of each write since
//! the last sync any sectors of 512 bytes are lost, and some are cut off at any byte; the file may have its new length
//! or its old one; and the name that was given since the last sync of the folder is there or not.

use codestrata_conformance::random::Random;

use super::Step;

const SECTOR: usize = 512;

/// A file between two syncs.
#[derive(Clone, Default)]
struct Medley {
    synced: Vec<u8>,
    since: Vec<Step>,
}

/// Follows steps, and says what is there if everything stops now.
#[derive(Clone, Default)]
pub(crate) struct Crash {
    files: Vec<Medley>,
    /// The file that has the name of the store, on the medium.
    synced: Option<usize>,
    /// The file that has it for now.
    named: Option<usize>,
}

/// What becomes of a sector, or of a change of the length.
enum Fate {
    Kept,
    Lost,
    /// So many of its first bytes are kept.
    Cut(usize),
}

impl Crash {
    /// A place with this content of the store's file, which is on the medium.
    pub(crate) fn from(content: Option<&[u8]>) -> Self {
        let mut crash = Self::default();
        if let Some(content) = content {
            crash.files.push(Medley { synced: content.to_vec(), since: Vec::new() });
            (crash.synced, crash.named) = (Some(0), Some(0));
        }
        crash
    }

    pub(crate) fn follow(&mut self, step: &Step) {
        match step {
            Step::Create(number) => {
                assert_eq!(*number, self.files.len());
                self.files.push(Medley::default());
            }
            Step::Publish(number) => self.named = Some(*number),
            Step::SyncFolder => self.synced = self.named,
            Step::Write(number, ..) | Step::SetLength(number, _) => {
                self.files[*number].since.push(step.clone());
            }
            Step::Sync(number) => {
                let file = &mut self.files[*number];
                file.synced = file.image(|| Fate::Kept);
                file.since.clear();
            }
            Step::SyncPart(number, offset, length) => {
                let written = self.files[*number].since.pop();
                let Some(Step::Write(_, at, bytes)) = written else { panic!("nothing was written") };
                assert_eq!((at, bytes.len()), (*offset, *length));
                self.files[*number].sync_part(at, &bytes);
            }
            Step::Begun(_) | Step::Acknowledged(_) => {}
        }
    }

    /// What is there after `kill -9`: everything that was done.
    pub(crate) fn killed(&self) -> Option<Vec<u8>> {
        self.named.map(|number| self.files[number].image(|| Fate::Kept))
    }

    /// What is there after a loss of power that took all that was not synced.
    pub(crate) fn unsynced_lost(&self) -> Option<Vec<u8>> {
        self.synced.map(|number| self.files[number].synced.clone())
    }

    /// What is there after a loss of power that took some of it.
    pub(crate) fn power_lost(&self, random: &mut Random) -> Option<Vec<u8>> {
        let named = if random.below(4) == 0 { self.synced } else { self.named };
        // How much is kept differs from loss to loss.
        let (kept, cut) = (random.number() % 5, random.number() % 3);
        named.map(|number| {
            self.files[number].image(|| match random.number() % 32 {
                fate if fate < cut => Fate::Cut(random.below(SECTOR)),
                fate if fate % 4 < kept => Fate::Kept,
                _ => Fate::Lost,
            })
        })
    }
}

impl Medley {
    /// What was written is on the medium, whatever becomes of what was written before: elsewhere, and to where this is.
    fn sync_part(&mut self, offset: u64, bytes: &[u8]) {
        let at = usize::try_from(offset).unwrap();
        let overlaps = |change: &Step| match change {
            Step::Write(_, other, others) => {
                *other < offset + bytes.len() as u64 && offset < other + others.len() as u64
            }
            _ => false,
        };
        assert!(!self.since.iter().any(overlaps), "it would have to be known what was written before");
        put(&mut self.synced, at, bytes);
    }

    fn image(&self, mut fate: impl FnMut() -> Fate) -> Vec<u8> {
        let mut content = self.synced.clone();
        for change in &self.since {
            match change {
                Step::Write(_, offset, bytes) => {
                    let (mut at, mut rest) = (usize::try_from(*offset).unwrap(), bytes.as_slice());
                    while !rest.is_empty() {
                        let (sector, after) = rest.split_at(rest.len().min(SECTOR - at % SECTOR));
                        match fate() {
                            Fate::Kept => put(&mut content, at, sector),
                            Fate::Cut(length) => put(&mut content, at, &sector[..length.min(sector.len())]),
                            Fate::Lost => {}
                        }
                        (at, rest) = (at + sector.len(), after);
                    }
                }
                Step::SetLength(_, length) => {
                    if let Fate::Kept = fate() {
                        content.resize(usize::try_from(*length).unwrap(), 0);
                    }
                }
                _ => {}
            }
        }
        content
    }
}

pub(super) fn put(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if file.len() < offset + bytes.len() {
        file.resize(offset + bytes.len(), 0);
    }
    file[offset..offset + bytes.len()].copy_from_slice(bytes);
}
