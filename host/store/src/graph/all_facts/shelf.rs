//! The segments that linking has at hand: all that were given, and of those that are stored as many as there is room for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use crate::keyspace::FileOrd;
use crate::segment::Segment;

/// What being asked for in one step adds to the use of a segment. Every step takes a quarter of it away.
const USE_OF_A_STEP: u16 = 64;

/// Where the segment of a file is.
#[derive(Debug, Default)]
struct Place {
    segment: Option<Arc<Segment>>,
    /// What it weighs, if it can be read again and so be put away; else nothing.
    weight: u32,
    /// In how many of the last steps it was asked for.
    used: u16,
    /// Whether it was asked for since the last step.
    is_asked: AtomicBool,
    /// Whether it was asked for and was not there.
    is_missed: AtomicBool,
}

/// Segments by file. Linking borrows them, so that they are brought and put away between two steps alone.
#[derive(Debug)]
pub(in crate::graph) struct SegmentShelf {
    places: Vec<Place>,
    /// What the segments weigh that can be put away.
    weight: usize,
    /// What they may weigh between two steps.
    budget: usize,
    /// Whether all were given.
    is_whole: bool,
    missed: AtomicU32,
}

impl SegmentShelf {
    /// A shelf of what is given, where something is; what is brought to it may weigh so much.
    pub(in crate::graph) fn new(
        given: impl IntoIterator<Item = Option<Arc<Segment>>>,
        budget: usize,
    ) -> Self {
        let places = given.into_iter().map(|segment| Place { segment, ..Place::default() });
        let places: Vec<Place> = places.collect();
        let is_whole = places.iter().all(|place| place.segment.is_some());
        Self { places, weight: 0, budget, is_whole, missed: AtomicU32::new(0) }
    }

    /// Whether nothing will ever be missed.
    pub(in crate::graph) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// What a file says; a note that it is wanted if it is not there.
    pub(super) fn get(&self, file: FileOrd) -> Option<&Segment> {
        let place = self.places.get(file as usize)?;
        match &place.segment {
            Some(segment) => {
                // Looked at first, because all threads ask for the same few.
                if place.weight > 0 && !place.is_asked.load(Ordering::Relaxed) {
                    place.is_asked.store(true, Ordering::Relaxed);
                }
                Some(segment)
            }
            None => {
                if !place.is_missed.swap(true, Ordering::Relaxed) {
                    self.missed.fetch_add(1, Ordering::Relaxed);
                }
                None
            }
        }
    }

    /// The segment itself, if it is there.
    pub(in crate::graph) fn segment(&self, file: FileOrd) -> Option<&Arc<Segment>> {
        self.places.get(file as usize)?.segment.as_ref()
    }

    /// The files that were asked for and were not there since this was asked last, in order.
    pub(in crate::graph) fn take_missed(&mut self) -> Vec<FileOrd> {
        let count = std::mem::take(self.missed.get_mut());
        if count == 0 {
            return Vec::new();
        }
        let missed = (0..).zip(&mut self.places);
        missed.filter_map(|(file, place)| std::mem::take(place.is_missed.get_mut()).then_some(file)).collect()
    }

    /// Brings a segment that can be read again.
    pub(in crate::graph) fn bring(&mut self, file: FileOrd, segment: Arc<Segment>) {
        let Some(place) = self.places.get_mut(file as usize).filter(|place| place.segment.is_none()) else {
            return;
        };
        place.weight = u32::try_from(segment.weight()).unwrap_or(u32::MAX);
        *place.is_asked.get_mut() = true;
        self.weight += place.weight as usize;
        place.segment = Some(segment);
    }

    /// Ends a step: puts away what was asked for least, until the rest is within the budget.
    pub(in crate::graph) fn tidy(&mut self) {
        let mut loaded = Vec::new();
        for (file, place) in (0_u32..).zip(&mut self.places).filter(|(_, place)| place.weight > 0) {
            let is_asked = std::mem::take(place.is_asked.get_mut());
            place.used = place.used - place.used / 4 + if is_asked { USE_OF_A_STEP } else { 0 };
            loaded.push((place.used, file));
        }
        if self.weight <= self.budget {
            return;
        }
        // Of those used alike the first goes: steps follow the order of files.
        loaded.sort_unstable();
        // Some room is made, so that not every step has to.
        let wanted = self.budget - self.budget / 4;
        for (_, file) in loaded {
            if self.weight <= wanted {
                break;
            }
            if let Some(place) = self.places.get_mut(file as usize) {
                self.weight = self.weight.saturating_sub(place.weight as usize);
                *place = Place::default();
            }
        }
    }

    /// What the segments weigh that can be put away.
    #[cfg(test)]
    pub(in crate::graph) fn weight(&self) -> usize {
        self.weight
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FileFacts;
    use crate::segment::PreparedFile;

    fn segment(file: FileOrd) -> Arc<Segment> {
        let facts = FileFacts { path: format!("{file:03}.py"), ..FileFacts::default() };
        Arc::clone(PreparedFile::new(&facts).unwrap().segment())
    }

    /// A shelf for some files with room for so many.
    fn shelf(files: usize, room: usize) -> SegmentShelf {
        let weight = segment(0).weight();
        SegmentShelf::new((0..files).map(|_| None), room * weight)
    }

    #[test]
    fn what_is_not_there_is_noted_once_and_comes() {
        let mut shelf = shelf(9, 9);
        assert!([7, 3, 7].iter().all(|file| shelf.get(*file).is_none()));
        assert_eq!(shelf.take_missed(), [3, 7]);
        assert!(shelf.take_missed().is_empty() && shelf.get(9).is_none());
        shelf.bring(3, segment(3));
        assert_eq!(shelf.get(3).unwrap().path(), "003.py");
        assert!(shelf.take_missed().is_empty());
    }

    #[test]
    fn what_fits_stays_and_of_more_what_is_asked_for() {
        let mut shelf = shelf(100, 4);
        for file in 0..4 {
            shelf.bring(file, segment(file));
        }
        shelf.tidy();
        assert!((0..4).all(|file| shelf.segment(file).is_some()), "it is just full");
        for file in 4..100 {
            assert!(shelf.get(1).is_some());
            shelf.bring(file, segment(file));
            shelf.tidy();
            assert!(shelf.weight() <= 4 * segment(0).weight());
        }
        assert!(shelf.segment(1).is_some() && shelf.segment(0).is_none() && shelf.segment(99).is_some());
    }

    #[test]
    fn what_was_given_stays_and_takes_no_room() {
        let mut shelf = SegmentShelf::new([Some(segment(0)), None], 0);
        shelf.bring(1, segment(1));
        shelf.bring(0, segment(1));
        shelf.tidy();
        assert_eq!(shelf.get(0).unwrap().path(), "000.py");
        assert_eq!((shelf.segment(1).is_some(), shelf.weight(), shelf.is_whole()), (false, 0, false));
        assert!(SegmentShelf::new([Some(segment(0))], 0).is_whole());
    }
}
