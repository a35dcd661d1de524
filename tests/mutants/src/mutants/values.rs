//! Keys and values that are not kept as they were given.

use std::sync::Arc;

use codestrata_core::{Backend, Batch, Bytes, Key, Op, Precondition, ReadView, Result, async_trait};

use crate::fault::Fault;
use crate::mutant::Mutant;
use crate::twist::Twist;

const fn one(fault: &'static str) -> Mutant {
    Mutant::of_memory(fault, &["keys", "values"], |fault| Arc::new(Values(fault)))
}

pub(super) const MUTANTS: &[Mutant] = &[
    one("keys are folded to lower case"),
    one("keys are cut at 255 bytes"),
    one("keys are cut at 256 bytes"),
    one("keys are cut at 512 bytes"),
    one("keys are cut at 1,023 bytes"),
    one("keys end at their first zero byte"),
    one("keys lose zeros at their end"),
    one("keys lose spaces at their end"),
    one("keys are kept as text"),
    one("keys lose their highest bits"),
    one("keys that begin with FF are dropped"),
    one("a longest key is refused"),
    one("values are cut at 255 bytes"),
    one("values are cut at 4,096 bytes"),
    one("values are cut at 64 KiB"),
    one("values are cut at 1 MiB"),
    one("values are cut at 16 MiB"),
    one("values end at their first zero byte"),
    one("values lose zeros at their end"),
    one("values are kept as text"),
    one("values have their line ends changed"),
    one("empty values are dropped"),
    one("an empty value deletes its key"),
    one("an empty value becomes a zero byte"),
    one("a put leaves a value that is there"),
    one("a put keeps the end of a longer value"),
    one("a put is added to the value that is there"),
    one("a value of the largest size is refused"),
    one("a value of exactly 4,096 bytes loses its last byte"),
];

struct Values(Fault);

impl Values {
    fn key(&self, key: &Key) -> Result<Key> {
        let bytes = key.as_slice();
        let cut = |length: usize| bytes.get(..length.min(bytes.len())).unwrap_or_default().to_vec();
        let trimmed = |byte: u8| {
            let kept = bytes.iter().rposition(|one| *one != byte).map_or(1, |last| last + 1);
            cut(kept)
        };
        let fault = &self.0;
        let changed = if fault.is("keys are folded to lower case") {
            bytes.to_ascii_lowercase()
        } else if fault.is("keys are cut at 255 bytes") {
            cut(255)
        } else if fault.is("keys are cut at 256 bytes") {
            cut(256)
        } else if fault.is("keys are cut at 512 bytes") {
            cut(512)
        } else if fault.is("keys are cut at 1,023 bytes") {
            cut(1_023)
        } else if fault.is("keys end at their first zero byte") {
            cut(bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len()).max(1))
        } else if fault.is("keys lose zeros at their end") {
            trimmed(0)
        } else if fault.is("keys lose spaces at their end") {
            trimmed(b' ')
        } else if fault.is("keys are kept as text") {
            String::from_utf8_lossy(bytes).into_owned().into_bytes()
        } else if fault.is("keys lose their highest bits") {
            bytes.iter().map(|byte| byte & 0x7F).collect()
        } else {
            return Ok(key.clone());
        };
        Key::new(changed)
    }

    fn value(&self, value: &Bytes) -> Bytes {
        let cut = |length: usize| value.slice(..length.min(value.len()));
        let fault = &self.0;
        if fault.is("values are cut at 255 bytes") {
            cut(255)
        } else if fault.is("values are cut at 4,096 bytes") {
            cut(4_096)
        } else if fault.is("values are cut at 64 KiB") {
            cut(65_535)
        } else if fault.is("values are cut at 1 MiB") {
            cut(1024 * 1024 - 1)
        } else if fault.is("values are cut at 16 MiB") {
            cut(16 * 1024 * 1024 - 1)
        } else if fault.is("a value of exactly 4,096 bytes loses its last byte") && value.len() == 4_096 {
            cut(4_095)
        } else if fault.is("values end at their first zero byte") {
            cut(value.iter().position(|byte| *byte == 0).unwrap_or(value.len()))
        } else if fault.is("values lose zeros at their end") {
            cut(value.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1))
        } else if fault.is("values are kept as text") {
            String::from_utf8_lossy(value).into_owned().into()
        } else if fault.is("values have their line ends changed") {
            value
                .iter()
                .flat_map(|byte| if *byte == b'\n' { vec![b'\r', b'\n'] } else { vec![*byte] })
                .collect()
        } else if fault.is("an empty value becomes a zero byte") && value.is_empty() {
            Bytes::from_static(&[0])
        } else {
            value.clone()
        }
    }

    /// The operation as it is done, if it is.
    async fn op(&self, store: &Arc<dyn Backend>, op: Op) -> Result<Option<Op>> {
        let fault = &self.0;
        let (key, value) = match op {
            Op::Put(key, value) => (self.key(&key)?, self.value(&value)),
            Op::Delete(key) => return Ok(Some(Op::Delete(self.key(&key)?))),
            range @ Op::DeleteRange(_) => return Ok(Some(range)),
        };
        if key.as_slice().starts_with(&[0xFF]) && fault.is("keys that begin with FF are dropped") {
            return Ok(None);
        }
        if value.is_empty() && fault.is("empty values are dropped") {
            return Ok(None);
        }
        if value.is_empty() && fault.is("an empty value deletes its key") {
            return Ok(Some(Op::Delete(key)));
        }
        let looks = [
            "a put leaves a value that is there",
            "a put keeps the end of a longer value",
            "a put is added to the value that is there",
        ];
        if !fault.is_one_of(&looks) {
            return Ok(Some(Op::Put(key, value)));
        }
        let Some(there) = store.get(&key).await? else { return Ok(Some(Op::Put(key, value))) };
        if fault.is("a put leaves a value that is there") {
            return Ok(None);
        }
        let kept = if fault.is("a put is added to the value that is there") { 0 } else { value.len() };
        let mut both = value.to_vec();
        both.extend_from_slice(there.get(kept..).unwrap_or_default());
        Ok(Some(Op::Put(key, both.into())))
    }
}

#[async_trait]
impl Twist for Values {
    async fn get_many(&self, view: &dyn ReadView, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        let keys = keys.iter().map(|key| self.key(key)).collect::<Result<Vec<_>>>()?;
        view.get_many(&keys).await
    }

    async fn apply(&self, store: &Arc<dyn Backend>, batch: Batch) -> Result<()> {
        let capabilities = *store.capabilities();
        batch.check(&capabilities)?;
        let mut changed = Batch::new().durability(batch.requested_durability());
        let (preconditions, ops) = batch.into_parts();
        for op in &ops {
            let Op::Put(key, value) = op else { continue };
            let longest = key.as_slice().len() == codestrata_core::limits::MAX_KEY_BYTES
                && self.0.is("a longest key is refused");
            let largest = value.len() == capabilities.max_value_bytes()
                && self.0.is("a value of the largest size is refused");
            if longest || largest {
                return Err(super::errors::too_large());
            }
        }
        for precondition in preconditions {
            changed.add_precondition(match precondition {
                Precondition::Absent(key) => Precondition::Absent(self.key(&key)?),
                Precondition::Equals(key, value) => Precondition::Equals(self.key(&key)?, self.value(&value)),
            });
        }
        for op in ops {
            if let Some(op) = self.op(store, op).await? {
                changed.add(op);
            }
        }
        store.apply(changed).await
    }
}
