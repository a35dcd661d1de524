//! By what the key of a user is known: two numbers of 61 bits that depend on numbers which nobody outside knows.
//!
//! The text itself is not kept, so two texts must not have one key. For a sum of products that can be counted. A text is
//! cut in blocks of four pieces, the length is in the last of them, and each block gives
//!
//! ```text
//! (a + secret 1) * (b + secret 2) + (c + secret 3) * (d + secret 4)   modulo 2^61 - 1
//! ```
//!
//! If two blocks differ, so do these values, but for at most one in 2^60 of the choices of a secret: their difference is a
//! line in it. The values of all blocks are the coefficients of a polynomial in a fifth secret number, and two of those
//! agree at no more points than they have degrees. That is done twice, with secrets that do not depend on each other. So two
//! texts of up to 16 bytes have one key with a chance of at most 2^-120, and two of a kilobyte of 2^-107, whoever chose them
//! without knowing the secrets. This is universal hashing, from Carter and Wegman, 1979; the products of sums are
//! Winograd's.

/// A prime by which a remainder takes a shift and an addition.
const PRIME: u64 = (1 << SHIFT) - 1;
const SHIFT: u32 = 61;

const PIECES: usize = 4;

const BLOCK: usize = 16;

/// Secret numbers for one value.
#[derive(Debug)]
struct Secrets {
    pieces: [u64; PIECES],
    point: u64,
}

/// Makes the two values of a text.
#[derive(Debug)]
pub(super) struct TextHash([Secrets; 2]);

impl TextHash {
    /// One with secrets from random numbers, which are asked for by their place.
    pub(super) fn new(random: impl Fn(usize) -> u64) -> Self {
        // Below half of the prime, so that nothing here is larger than its type.
        let secret = |place| random(place) >> (u64::BITS - SHIFT + 1);
        let secrets = |first: usize| Secrets {
            pieces: std::array::from_fn(|at| secret(first + at)),
            point: secret(first + PIECES),
        };
        Self([secrets(0), secrets(PIECES + 1)])
    }

    /// The values of a text.
    pub(super) fn of(&self, text: &[u8]) -> [u64; 2] {
        if text.len() > BLOCK { self.of_several_blocks(text) } else { self.with([0; 2], last_pieces(text)) }
    }

    // Apart, so that a short text does not pay for what a loop prepares.
    #[inline(never)]
    fn of_several_blocks(&self, text: &[u8]) -> [u64; 2] {
        let mut values = [0; 2];
        let mut rest = text;
        while let Some((block, after)) = rest.split_first_chunk::<BLOCK>()
            && !after.is_empty()
        {
            values = self.with(values, quarters(*block));
            rest = after;
        }
        self.with(values, last_pieces(text))
    }

    /// The values with one more block.
    #[inline]
    fn with(&self, before: [u64; 2], pieces: [u64; PIECES]) -> [u64; 2] {
        let [first, second] = &self.0;
        [first.with(before[0], pieces), second.with(before[1], pieces)]
    }
}

impl Secrets {
    #[inline]
    fn with(&self, before: u64, pieces: [u64; PIECES]) -> u64 {
        let [first, second, third, fourth] = pieces;
        let [first_secret, second_secret, third_secret, fourth_secret] = self.pieces;
        let sum = product(before, self.point)
            + product(first + first_secret, second + second_secret)
            + product(third + third_secret, fourth + fourth_secret);
        remainder(sum)
    }
}

fn product(one: u64, other: u64) -> u128 {
    u128::from(one) * u128::from(other)
}

/// A number with the same remainder, not far above the prime, of a number of less than 125 bits.
fn remainder(number: u128) -> u64 {
    // 2^61 is 1 more than the prime, so what stands above it counts as it would below.
    let low = u64::try_from(number & u128::from(PRIME)).unwrap_or_default();
    let sum = low + u64::try_from(number >> SHIFT & u128::from(u64::MAX)).unwrap_or_default();
    (sum & PRIME) + (sum >> SHIFT)
}

fn halves(bytes: [u8; 8]) -> [u64; 2] {
    let number = u64::from_le_bytes(bytes);
    [number & u64::from(u32::MAX), number >> u32::BITS]
}

fn quarters(block: [u8; BLOCK]) -> [u64; PIECES] {
    let number = u128::from_le_bytes(block);
    let quarter =
        |at: u32| u64::try_from(number >> (at * u32::BITS) & u128::from(u32::MAX)).unwrap_or_default();
    [quarter(0), quarter(1), quarter(2), quarter(3)]
}

/// The last pieces of a text: of a longer one its last 16 bytes, which may repeat some of what came before. Texts of one
/// length are cut alike, each byte of them is in a piece, and the length is above the first.
fn last_pieces(text: &[u8]) -> [u64; PIECES] {
    let pieces = if let Some(block) = text.last_chunk() {
        quarters(*block)
    } else if let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        let ([first, second], [third, fourth]) = (halves(*first), halves(*last));
        [first, second, third, fourth]
    } else if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        [u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into(), 0, 0]
    } else {
        match *text {
            [first] => [first.into(), 0, 0, 0],
            [first, second] => [first.into(), second.into(), 0, 0],
            [first, second, third] => [first.into(), second.into(), third.into(), 0],
            _ => [0; PIECES],
        }
    };
    let length = u64::try_from(text.len()).unwrap_or_default();
    let [first, second, third, fourth] = pieces;
    [first | (length << u32::BITS & PRIME), second, third, fourth]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{PIECES, PRIME, TextHash, last_pieces, quarters, remainder};

    /// Numbers that look random, by their places.
    fn number(place: usize) -> u64 {
        (place as u64 + 1)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(29)
            .wrapping_mul(0xbf58_476d_1ce4_e5b9)
    }

    #[test]
    fn a_remainder_has_the_remainder_of_a_division_and_hardly_more_bits() {
        let prime = u128::from(PRIME);
        let edges = [0, 1, prime - 1, prime, prime + 1, 2 * prime, prime * prime, (1 << 124) - 1];
        let random = (0..10_000).map(|at| u128::from(number(at)) << 60 ^ u128::from(number(at + 1)));
        for number in edges.into_iter().chain(random) {
            let found = u128::from(remainder(number));
            assert_eq!(found % prime, number % prime, "of {number}");
            assert!(found < prime + 16, "of {number}");
        }
    }

    #[test]
    fn a_value_is_the_sum_of_products_that_is_promised() {
        let hash = TextHash::new(number);
        let text: Vec<u8> = (1..=48).collect();
        let prime = u128::from(PRIME);
        for (of, value) in hash.of(&text).into_iter().enumerate() {
            let secret = |at: usize| u128::from(number(of * (PIECES + 1) + at) >> 4);
            let mut expected = 0;
            for block in text.chunks(16) {
                let [mut a, b, c, d] = quarters(block.try_into().unwrap()).map(u128::from);
                if block[0] == 33 {
                    a += 48 << 32;
                }
                expected = expected * secret(4) % prime;
                expected += (a + secret(0)) * (b + secret(1)) % prime;
                expected += (c + secret(2)) * (d + secret(3)) % prime;
            }
            assert_eq!(u128::from(value) % prime, expected % prime);
        }
    }

    #[test]
    fn every_byte_and_the_length_count() {
        let hash = TextHash::new(number);
        let mut seen = HashSet::new();
        for length in 0..70 {
            let mut text = vec![0; length];
            assert!(seen.insert(hash.of(&text)), "{length} zeros");
            for at in 0..length {
                for byte in [1, 0x80, 0xff] {
                    text[at] = byte;
                    assert!(seen.insert(hash.of(&text)), "{byte} at {at} of {length}");
                }
                text[at] = 0;
            }
        }
    }

    #[test]
    fn a_short_text_is_in_its_pieces() {
        let length = |length: u64| length << 32;
        assert_eq!(last_pieces(b""), [0; 4]);
        assert_eq!(last_pieces(b"abc"), [length(3) | 0x61, 0x62, 0x63, 0]);
        assert_eq!(last_pieces(&[1, 0, 0, 0, 2]), [length(5) | 1, 0x0200_0000, 0, 0]);
        let nine = [1, 0, 0, 0, 2, 0, 0, 0, 3];
        assert_eq!(last_pieces(&nine), [length(9) | 1, 2, 0x0200_0000, 0x0300_0000]);
    }

    #[test]
    fn values_depend_on_every_secret() {
        let values = TextHash::new(number).of(b"a key of more than one block");
        for changed in 0..10 {
            let others = TextHash::new(|place| number(place) ^ u64::from(place == changed) << 20);
            let [first, second] = others.of(b"a key of more than one block");
            assert_eq!(
                [first != values[0], second != values[1]],
                [changed < 5, changed >= 5],
                "secret {changed}"
            );
        }
    }
}
