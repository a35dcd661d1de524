//! The encoding around the messages of a SCIP index, read from bytes that may be anything.
//!
//! Protocol Buffers are a sequence of fields, each a number, a type and a value. The library that decodes the messages
//! wants each of them whole, and an index is one message; so its outer two layers are taken apart here, and never more
//! than one document is in memory. Every length is compared with what is there before anything is made for it.

use std::borrow::Cow;

use codestrata::{Error, ErrorKind, Result};

/// A varint has at most so many bytes: seven bits of 64 in each.
const MAX_VARINT_BYTES: u32 = 10;

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
    /// Four or eight bytes, which no field of SCIP has.
    Fixed,
}

/// One field of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field<'a> {
    pub(super) number: u64,
    pub(super) value: Value<'a>,
    /// Where it begins in the file, for messages.
    pub(super) at: u64,
    /// All of it, with its number and length.
    whole: &'a [u8],
}

/// What comes before a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Head {
    Varint(u64),
    /// So many bytes follow.
    Bytes(u64),
    /// So many bytes follow, of a number.
    Fixed(u64),
}

/// The error of bytes that are not what they should be.
pub(super) fn bad(at: u64, what: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidArgument, format!("byte {at}: {what}")).with_help(
        "nothing of the index was stored; make it again with its tool, or see whether it was copied whole",
    )
}

/// Reads what comes before a value, and the number of the field. `next` gives a byte, or none at the end; `at` is where
/// the field begins.
pub(super) fn head(at: u64, mut next: impl FnMut() -> Result<Option<u8>>) -> Result<Option<(u64, Head)>> {
    let Some(first) = next()? else { return Ok(None) };
    let tag = varint(at, Some(first), &mut next)?;
    let number = tag >> 3;
    if number == 0 || tag > u64::from(u32::MAX) {
        return Err(bad(at, "there is no field with this number; it is no SCIP index, or it is damaged"));
    }
    let head = match tag & 7 {
        0 => Head::Varint(varint(at, None, &mut next)?),
        1 => Head::Fixed(8),
        2 => Head::Bytes(varint(at, None, &mut next)?),
        5 => Head::Fixed(4),
        other => {
            return Err(bad(
                at,
                format_args!(
                    "a field has the type {other}, which SCIP does not use; it is no SCIP index, or it is damaged"
                ),
            ));
        }
    };
    Ok(Some((number, head)))
}

fn varint(at: u64, first: Option<u8>, next: &mut impl FnMut() -> Result<Option<u8>>) -> Result<u64> {
    let mut value = 0_u64;
    let mut first = first;
    for place in 0..MAX_VARINT_BYTES {
        let byte = match first.take() {
            Some(byte) => byte,
            None => next()?.ok_or_else(|| cut(at))?,
        };
        let bits = u64::from(byte & 0x7f);
        if place == MAX_VARINT_BYTES - 1 && bits > 1 {
            break;
        }
        value |= bits << (7 * place);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(bad(at, "a number is longer than 64 bits"))
}

/// The error of a message that ends too early.
pub(super) fn cut(at: u64) -> Error {
    bad(at, "the index ends in the middle of what begins here")
}

/// The fields of a message in memory.
pub(super) struct Fields<'a> {
    rest: &'a [u8],
    /// Where the rest begins in the file.
    at: u64,
}

impl<'a> Fields<'a> {
    /// The fields of a message that begins at this place of the file.
    pub(super) fn new(message: &'a [u8], at: u64) -> Self {
        Self { rest: message, at }
    }

    fn take(&mut self, count: u64, at: u64) -> Result<&'a [u8]> {
        let count = usize::try_from(count).map_err(|_| cut(at))?;
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(|| cut(at))?;
        self.rest = rest;
        self.at += u64::try_from(count).unwrap_or(u64::MAX);
        Ok(taken)
    }

    fn next_field(&mut self) -> Result<Option<Field<'a>>> {
        let (at, before) = (self.at, self.rest);
        let (rest, place) = (&mut self.rest, &mut self.at);
        let read = head(at, || {
            let Some((byte, others)) = rest.split_first() else { return Ok(None) };
            *rest = others;
            *place += 1;
            Ok(Some(*byte))
        })?;
        let Some((number, head)) = read else { return Ok(None) };
        let (value, at) = match head {
            Head::Varint(value) => (Value::Varint(value), at),
            Head::Fixed(count) => (self.take(count, at).map(|_| Value::Fixed)?, at),
            Head::Bytes(count) => {
                let begins = self.at;
                (Value::Bytes(self.take(count, at)?), begins)
            }
        };
        let whole = before.get(..before.len() - self.rest.len()).unwrap_or_default();
        Ok(Some(Field { number, value, at, whole }))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let field = self.next_field().transpose();
        if matches!(field, Some(Err(_))) {
            self.rest = &[];
        }
        field
    }
}

/// A message without some of its fields. Texts for people are not always UTF-8 in real indexes, and the library refuses
/// a message for that.
pub(super) fn without<'a>(message: &'a [u8], at: u64, numbers: &[u64]) -> Result<Cow<'a, [u8]>> {
    let fields = Fields::new(message, at).collect::<Result<Vec<Field<'a>>>>()?;
    if fields.iter().all(|field| !numbers.contains(&field.number)) {
        return Ok(message.into());
    }
    let kept = fields.iter().filter(|field| !numbers.contains(&field.number));
    Ok(kept.flat_map(|field| field.whole.iter().copied()).collect::<Vec<u8>>().into())
}

/// A text of a message.
pub(super) fn text<'a>(bytes: &'a [u8], at: u64, what: &str) -> Result<&'a str> {
    std::str::from_utf8(bytes).map_err(|error| {
        bad(at + u64::try_from(error.valid_up_to()).unwrap_or(0), format_args!("{what} is not UTF-8"))
    })
}
