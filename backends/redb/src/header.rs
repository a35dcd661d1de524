//! What this backend knows of redb's header: one byte of it, as redb's design document has it.
//!
//! The byte says, among other things, whether the file was closed, and whether the pages of the last commit were
//! flushed before the header named it (a commit in two phases). Of a commit in one phase redb does not believe that
//! after a crash: it looks.

/// Where the byte stands.
const FLAGS: usize = 9;

const RECOVERY_REQUIRED: u8 = 2;
const TWO_PHASES: u8 = 4;

/// A header as it is about to be written, but that it does not say that the pages were flushed before it. None if it is
/// not written with that byte.
pub(crate) fn not_flushed_before(offset: u64, header: &[u8]) -> Option<Vec<u8>> {
    let at = FLAGS.checked_sub(usize::try_from(offset).ok()?)?;
    let mut header = header.to_vec();
    *header.get_mut(at)? &= !TWO_PHASES;
    Some(header)
}

/// Whether a header that is about to be written says that the file is open; none if it is written without that byte.
pub(crate) fn says_open(offset: u64, header: &[u8]) -> Option<bool> {
    let at = FLAGS.checked_sub(usize::try_from(offset).ok()?)?;
    header.get(at).map(|flags| flags & RECOVERY_REQUIRED != 0)
}

/// Whether redb will go through everything that the last commit reaches: the file was not closed, and it is not said
/// that its pages were flushed first.
pub(crate) fn is_to_be_looked_through(header: &[u8]) -> bool {
    header.get(FLAGS).is_some_and(|flags| flags & RECOVERY_REQUIRED != 0 && flags & TWO_PHASES == 0)
}

#[cfg(test)]
mod tests {
    use super::{is_to_be_looked_through, not_flushed_before};

    #[test]
    fn only_the_flag_of_two_phases_is_taken_away() {
        let header: Vec<u8> = (0..64).map(|_| 0xff).collect();
        let written = not_flushed_before(0, &header).unwrap();
        let differing: Vec<usize> = (0..64).filter(|at| written[*at] != header[*at]).collect();
        assert_eq!((differing, written[9]), (vec![9], 0xff - 4));
        assert!(not_flushed_before(10, &header).is_none(), "the byte stands before it");
        assert!(not_flushed_before(0, &header[..9]).is_none(), "the byte stands behind it");
    }

    #[test]
    fn a_file_is_looked_through_when_it_was_not_closed_and_its_last_commit_not_flushed_twice() {
        let with = |flags: u8| [[0; 9].as_slice(), &[flags]].concat();
        assert!(is_to_be_looked_through(&with(2 | 1 | 8)));
        for flags in [0, 1, 4, 2 | 4] {
            assert!(!is_to_be_looked_through(&with(flags)), "{flags}");
        }
        assert!(!is_to_be_looked_through(&[2; 9]));
    }
}
