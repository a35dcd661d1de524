//! What is applied as one step: preconditions, ordered operations, and how durable the step must be.

use bytes::Bytes;

use crate::capabilities::Capabilities;
use crate::error::{Error, ErrorKind, Result};
use crate::key::Key;
use crate::limits::MAX_BATCH_OPS;
use crate::range::KeyRange;

/// How much an acknowledged batch survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Durability {
    /// The strongest that the engine has: [`Synced`](Self::Synced) where it claims it, else
    /// [`Buffered`](Self::Buffered). The choice that lets engines be swapped.
    #[default]
    Strongest,
    /// It survives `kill -9` and a loss of power. `Unsupported` where the engine does not claim it.
    Synced,
    /// A crash may lose a suffix of whole batches: never a part of one, never one from the middle.
    Buffered,
}

/// What must hold for a batch to be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// The key is not there. (A key with an empty value is there.)
    Absent(Key),
    /// The key is there with exactly this value.
    Equals(Key, Bytes),
}

impl Precondition {
    /// The key it speaks of.
    #[must_use]
    pub fn key(&self) -> &Key {
        match self {
            Self::Absent(key) | Self::Equals(key, _) => key,
        }
    }

    /// Whether it holds, given what the store has under the key.
    #[must_use]
    pub fn holds(&self, stored: Option<&[u8]>) -> bool {
        match self {
            Self::Absent(_) => stored.is_none(),
            Self::Equals(_, value) => stored == Some(value.as_ref()),
        }
    }

    /// The error of a batch in which it does not hold.
    #[must_use]
    pub fn failed(&self) -> Error {
        let expected = match self {
            Self::Absent(_) => "to be absent",
            Self::Equals(..) => "to have another value",
        };
        Error::new(ErrorKind::PreconditionFailed, format!("the batch expected {:?} {expected}", self.key()))
            .with_help("read again and build the batch anew")
    }
}

/// One change of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// The key has this value from now on.
    Put(Key, Bytes),
    /// The key is gone from now on; it need not have been there.
    Delete(Key),
    /// Every key of the range is gone from now on.
    DeleteRange(KeyRange),
}

/// Preconditions and ordered operations that take effect as one step, or not at all.
///
/// Operations take effect in the order in which they were added, as seen from within the batch too: a put after
/// a delete of the same key leaves the value. Preconditions are all checked against the state before the first
/// operation. A batch of preconditions alone is a legal question.
///
/// ```
/// use codestrata_core::{Batch, Durability, Key};
///
/// # fn main() -> codestrata_core::Result<()> {
/// let counter = Key::new("counter")?;
/// let batch = Batch::new()
///     .require_equals(counter.clone(), "1")
///     .put(counter, "2")
///     .durability(Durability::Synced);
/// assert_eq!(batch.len(), 2);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    preconditions: Vec<Precondition>,
    ops: Vec<Op>,
    durability: Durability,
    bytes: usize,
    largest_value: usize,
}

impl Batch {
    /// An empty batch with [`Durability::Strongest`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the precondition that the key is not there.
    #[must_use]
    pub fn require_absent(mut self, key: Key) -> Self {
        self.add_precondition(Precondition::Absent(key));
        self
    }

    /// Adds the precondition that the key has exactly this value.
    #[must_use]
    pub fn require_equals(mut self, key: Key, value: impl Into<Bytes>) -> Self {
        self.add_precondition(Precondition::Equals(key, value.into()));
        self
    }

    /// Adds a put.
    #[must_use]
    pub fn put(mut self, key: Key, value: impl Into<Bytes>) -> Self {
        self.add(Op::Put(key, value.into()));
        self
    }

    /// Adds a delete.
    #[must_use]
    pub fn delete(mut self, key: Key) -> Self {
        self.add(Op::Delete(key));
        self
    }

    /// Adds a delete of a whole range.
    #[must_use]
    pub fn delete_range(mut self, range: KeyRange) -> Self {
        self.add(Op::DeleteRange(range));
        self
    }

    /// Says how durable the batch must be when it is acknowledged.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Adds an operation at the end.
    pub fn add(&mut self, op: Op) {
        match &op {
            Op::Put(key, value) => self.count(key.as_slice().len(), value.len()),
            Op::Delete(key) => self.count(key.as_slice().len(), 0),
            Op::DeleteRange(range) => self.count(range.start().len() + range.end().map_or(0, Bytes::len), 0),
        }
        self.ops.push(op);
    }

    /// Adds a precondition.
    pub fn add_precondition(&mut self, precondition: Precondition) {
        match &precondition {
            Precondition::Absent(key) => self.count(key.as_slice().len(), 0),
            Precondition::Equals(key, value) => self.count(key.as_slice().len(), value.len()),
        }
        self.preconditions.push(precondition);
    }

    fn count(&mut self, key: usize, value: usize) {
        self.bytes = self.bytes.saturating_add(key).saturating_add(value);
        self.largest_value = self.largest_value.max(value);
    }

    /// The preconditions, all of which must hold.
    #[must_use]
    pub fn preconditions(&self) -> &[Precondition] {
        &self.preconditions
    }

    /// The operations, in their order.
    #[must_use]
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// The preconditions and the operations, given away.
    #[must_use]
    pub fn into_parts(self) -> (Vec<Precondition>, Vec<Op>) {
        (self.preconditions, self.ops)
    }

    /// The durability that was asked for.
    #[must_use]
    pub fn requested_durability(&self) -> Durability {
        self.durability
    }

    /// How many operations and preconditions the batch has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ops.len() + self.preconditions.len()
    }

    /// Whether the batch asks and changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty() && self.preconditions.is_empty()
    }

    /// The keys and values of the batch, in bytes.
    #[must_use]
    pub fn byte_size(&self) -> usize {
        self.bytes
    }

    /// What every backend asks first: whether a store with these capabilities may take the batch at all, and
    /// whether it must be synced before it is acknowledged.
    ///
    /// # Errors
    /// `TooLarge` over a limit of the seam or of the engine, `Unsupported` for a durability that the engine
    /// does not claim. Nothing has been applied then.
    pub fn check(&self, capabilities: &Capabilities) -> Result<Acknowledge> {
        let limits = [
            ("operations", self.len(), MAX_BATCH_OPS),
            ("bytes", self.bytes, capabilities.max_batch_bytes()),
            ("bytes in one value", self.largest_value, capabilities.max_value_bytes()),
        ];
        for (what, seen, most) in limits {
            if seen > most {
                return Err(Error::new(
                    ErrorKind::TooLarge,
                    format!("a batch with {seen} {what} is over this store's limit of {most}"),
                )
                .with_help("split it into several batches"));
            }
        }
        match self.durability {
            Durability::Synced if !capabilities.synced() => {
                Err(Error::new(ErrorKind::Unsupported, "this store cannot sync what it acknowledges")
                    .with_help("ask for `strongest` or `buffered` durability, or choose another backend"))
            }
            Durability::Buffered => Ok(Acknowledge::Visible),
            Durability::Strongest | Durability::Synced => {
                Ok(if capabilities.synced() { Acknowledge::Synced } else { Acknowledge::Visible })
            }
        }
    }
}

/// Whether a batch has to be on the medium before it is acknowledged: the answer of [`Batch::check`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acknowledge {
    /// Flushed and synced before the acknowledgement.
    Synced,
    /// Visible, and on the medium some time later.
    Visible,
}
