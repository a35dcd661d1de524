//! Terms: what the inverted index knows files by, and what links depend on.
//!
//! A term is 32 bits of a hash. Two that collide make the index name a file too many, which costs a look at
//! that file and changes no answer: whoever asks the index verifies what it names.

use std::cell::RefCell;

use xxhash_rust::xxh3::xxh3_64;

/// A term of the inverted index.
pub(crate) type Term = u32;

/// Most texts that are hashed fit into this, in bytes.
const USUAL_BYTES: usize = 256;

thread_local! {
    /// What is hashed next, put together: storing a repository hashes some texts for each of its elements.
    static BYTES: RefCell<Vec<u8>> = RefCell::new(Vec::with_capacity(USUAL_BYTES));
}

/// The hash of two texts, the first of which may come in parts.
fn hash(kind: u8, first: &[&str], second: &str) -> Term {
    BYTES.with_borrow_mut(|bytes| {
        bytes.clear();
        bytes.push(kind);
        for part in first {
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes.push(0);
        bytes.extend_from_slice(second.as_bytes());
        // The upper half: the index is divided by the leading bits.
        (xxh3_64(bytes) >> 32) as Term
    })
}

/// The file can be imported as this module.
pub(crate) fn provides(stem: &str) -> Term {
    hash(b'p', &[stem], "")
}

/// The file exports something under this symbol.
pub(crate) fn exports_symbol(symbol: &str) -> Term {
    hash(b's', &[symbol], "")
}

/// The file's links asked what is defined under this symbol.
pub(crate) fn asks_symbol(symbol: &str) -> Term {
    hash(b'y', &[symbol], "")
}

/// The file defines the node with this id.
pub(crate) fn defines(id: &str) -> Term {
    hash(b'i', &[id], "")
}

/// The same of an id that comes in parts.
pub(crate) fn defines_parts(id: &[&str]) -> Term {
    hash(b'i', id, "")
}

/// The file defines a node with this name.
pub(crate) fn names(name: &str) -> Term {
    hash(b'n', &[name], "")
}

/// The file's links asked which file this module is.
pub(crate) fn asks_module(stem: &str) -> Term {
    hash(b'm', &[stem], "")
}

/// The file's links asked what another file exports under this name; under the empty one, what its `*` brings.
pub(crate) fn asks_export(path: &str, name: &str) -> Term {
    hash(b'x', &[path], name)
}

/// The file's links point to this id, or asked about it: whether it is there, its kind, its bases.
pub(crate) fn asks_id(id: &str) -> Term {
    hash(b't', &[id], "")
}

/// The file, which is of this family of languages, asked for members of this name, or left a reference that ends in it
/// unbound.
pub(crate) fn asks_name(family: &str, name: &str) -> Term {
    hash(b'w', &[name], family)
}

/// The same of an id that comes in parts.
pub(crate) fn asks_parts(id: &[&str]) -> Term {
    hash(b't', id, "")
}

/// The file has calls that are bound to this id: few of the files that refer to a class call it.
pub(crate) fn calls_id(id: &str) -> Term {
    hash(b'c', &[id], "")
}

/// The same of an id that comes in parts.
pub(crate) fn calls_parts(id: &[&str]) -> Term {
    hash(b'c', id, "")
}
