//! What is left of a folder when everything stops after some step.
//!
//! What a loss of power may do here is as bad as the assumptions in `docs/durability.md` allow: of each write since
//! the last sync of a file any sectors of 512 bytes are lost, any of the names that were changed since the last sync
//! of the folder are as before, and a file may have its new length without its new bytes.

use std::collections::BTreeMap;

use codestrata_conformance::random::Random;

use super::{Step, put};

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
    /// Names on the medium, and how they were changed since.
    synced: BTreeMap<String, usize>,
    since: Vec<Step>,
}

impl Crash {
    /// A folder with these files, which are on the medium.
    pub(crate) fn from(files: &BTreeMap<String, Vec<u8>>) -> Self {
        let mut crash = Self::default();
        for (name, content) in files {
            crash.synced.insert(name.clone(), crash.files.len());
            crash.files.push(Medley { synced: content.clone(), since: Vec::new() });
        }
        crash
    }

    pub(crate) fn follow(&mut self, step: &Step) {
        match step {
            Step::Create(_, number) => {
                assert_eq!(*number, self.files.len());
                self.files.push(Medley::default());
                self.since.push(step.clone());
            }
            Step::Rename(..) | Step::Remove(_) => self.since.push(step.clone()),
            Step::SyncFolder => {
                for change in std::mem::take(&mut self.since) {
                    rename(&mut self.synced, &change);
                }
            }
            Step::Write(number, ..) | Step::Cut(number, _) => {
                self.files[*number].since.push(step.clone());
            }
            Step::Sync(number) => {
                let file = &mut self.files[*number];
                for change in std::mem::take(&mut file.since) {
                    change_file(&mut file.synced, &change);
                }
            }
            Step::Begun(_) | Step::Acknowledged(..) => {}
        }
    }

    /// What is there after `kill -9`: everything that was done.
    pub(crate) fn killed(&self) -> BTreeMap<String, Vec<u8>> {
        self.image(|_| true, |_, _| true)
    }

    /// What is there after a loss of power that took all that was not synced.
    pub(crate) fn unsynced_lost(&self) -> BTreeMap<String, Vec<u8>> {
        self.image(|_| false, |_, _| false)
    }

    /// What is there after a loss of power that took one change of a name, for each that was not synced.
    pub(crate) fn one_name_lost(&self) -> impl Iterator<Item = BTreeMap<String, Vec<u8>>> + '_ {
        (0..self.since.len()).map(|lost| {
            let mut number = 0..;
            self.image(|_| number.next() != Some(lost), |_, _| true)
        })
    }

    /// What is there after a loss of power that took some of it.
    pub(crate) fn power_lost(&self, random: &mut Random) -> BTreeMap<String, Vec<u8>> {
        // How much is kept differs from loss to loss.
        let (names, sectors) = (random.number() % 5, random.number() % 5);
        let mut other = Random::seeded(random.number());
        self.image(|_| random.number() % 4 < names, |_, _| other.number() % 4 < sectors)
    }

    fn image(
        &self,
        mut keeps_name: impl FnMut(&Step) -> bool,
        mut keeps_sector: impl FnMut(usize, usize) -> bool,
    ) -> BTreeMap<String, Vec<u8>> {
        let mut names = self.synced.clone();
        for change in &self.since {
            if keeps_name(change) {
                rename(&mut names, change);
            }
        }
        names
            .into_iter()
            .map(|(name, number)| (name, self.files[number].image(number, &mut keeps_sector)))
            .collect()
    }
}

impl Medley {
    fn image(&self, number: usize, keeps: &mut impl FnMut(usize, usize) -> bool) -> Vec<u8> {
        const SECTOR: usize = 512;
        let mut content = self.synced.clone();
        for change in &self.since {
            match change {
                Step::Write(_, offset, bytes) => {
                    let (mut at, mut rest) = (usize::try_from(*offset).unwrap(), bytes.as_slice());
                    while !rest.is_empty() {
                        let (sector, after) = rest.split_at(rest.len().min(SECTOR - at % SECTOR));
                        if keeps(number, at / SECTOR) {
                            put(&mut content, at, sector);
                        } else if keeps(number, at / SECTOR) && content.len() < at + sector.len() {
                            // Its length without its bytes.
                            content.resize(at + sector.len(), 0);
                        }
                        (at, rest) = (at + sector.len(), after);
                    }
                }
                Step::Cut(_, length) if keeps(number, usize::MAX) => {
                    content.truncate(usize::try_from(*length).unwrap());
                }
                _ => {}
            }
        }
        content
    }
}

fn change_file(content: &mut Vec<u8>, change: &Step) {
    match change {
        Step::Write(_, offset, bytes) => put(content, usize::try_from(*offset).unwrap(), bytes),
        Step::Cut(_, length) => content.truncate(usize::try_from(*length).unwrap()),
        _ => {}
    }
}

fn rename(names: &mut BTreeMap<String, usize>, change: &Step) {
    match change {
        Step::Create(name, number) => drop(names.insert(name.clone(), *number)),
        Step::Rename(from, to) => {
            // Its creation may have been lost, and then it has neither name.
            if let Some(number) = names.remove(from) {
                names.insert(to.clone(), number);
            }
        }
        Step::Remove(name) => drop(names.remove(name)),
        _ => {}
    }
}
