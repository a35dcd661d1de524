//! A list of files that grows while what is on it is borrowed: linking holds on to the facts of one file while it comes to
//! need those of another.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::keyspace::FileOrd;

/// Boards, each twice as long as the one before: more places than files have numbers.
const BOARDS: usize = 32;

/// One row of places, made when the first of them is needed.
type Board<T> = OnceCell<Box<[OnceCell<T>]>>;

/// What is known of some files, by their numbers. Nothing is taken off or changed.
pub(super) struct Shelf<T> {
    places: RefCell<HashMap<FileOrd, usize, RandomState>>,
    boards: [Board<T>; BOARDS],
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { places: RefCell::default(), boards: [const { OnceCell::new() }; BOARDS] }
    }
}

impl<T> Shelf<T> {
    /// What is known of a file.
    pub(super) fn get(&self, file: FileOrd) -> Option<&T> {
        let place = *self.places.borrow().get(&file)?;
        self.cell(place)?.get()
    }

    /// Puts down what is known of a file, unless something is known already.
    pub(super) fn put(&self, file: FileOrd, known: T) {
        let mut places = self.places.borrow_mut();
        let next = places.len();
        let place = *places.entry(file).or_insert(next);
        if let Some(cell) = self.cell(place) {
            cell.get_or_init(|| known);
        }
    }

    fn cell(&self, place: usize) -> Option<&OnceCell<T>> {
        // The first board has one place.
        let board = (place + 1).ilog2();
        let length = 1_usize << board;
        let board =
            self.boards.get(board as usize)?.get_or_init(|| (0..length).map(|_| OnceCell::new()).collect());
        board.get(place + 1 - length)
    }
}

#[cfg(test)]
mod tests {
    use super::Shelf;

    #[test]
    fn what_is_put_down_stays_where_it_is_while_more_comes() {
        let shelf = Shelf::default();
        shelf.put(7, "seven".to_owned());
        let seven = shelf.get(7).unwrap();
        for file in 100..1_100 {
            shelf.put(file, file.to_string());
        }
        shelf.put(7, "another".to_owned());
        assert_eq!((seven.as_str(), shelf.get(7).unwrap().as_str()), ("seven", "seven"));
        assert!((100..1_100).all(|file| shelf.get(file).unwrap() == &file.to_string()));
        assert_eq!(shelf.get(1_100), None);
    }
}
