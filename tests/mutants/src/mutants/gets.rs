//! `get_many` that answers for other keys, in another order, or past the limits.

use std::sync::Arc;

use codestrata_core::limits::{MAX_GET_BYTES, MAX_GET_KEYS};
use codestrata_core::{Bytes, Error, ErrorKind, Key, KeyRange, ReadView, Result, ScanRequest, async_trait};

use super::errors::too_large;
use crate::fault::Fault;
use crate::mutant::Mutant;
use crate::twist::Twist;

const fn one(fault: &'static str) -> Mutant {
    Mutant::of_memory(fault, &["get_many", "keys", "limits"], |fault| Arc::new(Gets(fault)))
}

pub(super) const MUTANTS: &[Mutant] = &[
    one("get_many answers in the order of the store"),
    one("get_many answers in reverse over 1,000 keys"),
    one("get_many leaves missing keys out"),
    one("get_many leaves the last key out"),
    one("get_many answers a repeated key once"),
    one("get_many answers the second naming of a key with nothing"),
    one("get_many answers a missing key with an empty value"),
    one("get_many answers an empty value with nothing"),
    one("get_many answers a missing key with that of the next"),
    one("get_many answers a missing key with that of a longer one"),
    one("get_many answers all keys with the value of the first"),
    one("get_many answers nothing after a missing key"),
    one("get_many answers nothing after 256 keys"),
    one("get_many answers nothing after 65,535 keys"),
    one("get_many of nothing is an error"),
    one("get_many of a missing key is an error"),
    one("get_many takes too many keys"),
    one("get_many refuses as many keys as are allowed"),
    one("get_many answers with too many bytes"),
    one("get_many refuses half of the bytes that are allowed"),
    one("get_many cuts its answer where the bytes are too many"),
    one("get_many counts repeated keys once for its limit of bytes"),
    one("get alone takes an empty value for nothing"),
    one("get alone says NotFound for a missing key"),
    one("get alone looks for the first key that begins so"),
    one("get alone cuts values at 64 KiB"),
];

struct Gets(Fault);

#[async_trait]
impl Twist for Gets {
    async fn get(&self, view: &dyn ReadView, key: &Key) -> Result<Option<Bytes>> {
        let fault = &self.0;
        if fault.is("get alone looks for the first key that begins so") {
            let request = ScanRequest::new(KeyRange::prefix(key.clone().into_bytes())).max_items(1);
            let found = view.scan(&request).await?.iter_shared().next();
            return Ok(found.map(|(_, value)| value));
        }
        if !fault.is_one_of(&[
            "get alone takes an empty value for nothing",
            "get alone says NotFound for a missing key",
            "get alone cuts values at 64 KiB",
        ]) {
            let values = self.get_many(view, std::slice::from_ref(key)).await?;
            return Ok(values.into_iter().next().flatten());
        }
        match view.get(key).await? {
            None if fault.is("get alone says NotFound for a missing key") => {
                Err(Error::new(ErrorKind::NotFound, "there is no such key"))
            }
            Some(empty) if empty.is_empty() && fault.is("get alone takes an empty value for nothing") => {
                Ok(None)
            }
            Some(value) if fault.is("get alone cuts values at 64 KiB") => {
                Ok(Some(value.slice(..value.len().min(65_536))))
            }
            other => Ok(other),
        }
    }

    async fn get_many(&self, view: &dyn ReadView, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        let fault = &self.0;
        if keys.is_empty() && fault.is("get_many of nothing is an error") {
            return Err(Error::new(ErrorKind::InvalidArgument, "no keys were named"));
        }
        if keys.len() == MAX_GET_KEYS && fault.is("get_many refuses as many keys as are allowed") {
            return Err(too_large());
        }
        if fault.is_one_of(&[
            "get_many takes too many keys",
            "get_many answers with too many bytes",
            "get_many cuts its answer where the bytes are too many",
            "get_many counts repeated keys once for its limit of bytes",
        ]) {
            return self.over_the_limits(view, keys).await;
        }
        let mut asked = keys.to_vec();
        if fault.is("get_many answers in the order of the store") {
            asked.sort();
        }
        if fault.is("get_many answers a repeated key once") {
            asked.dedup();
        }
        if fault.is("get_many answers all keys with the value of the first") {
            asked = keys.first().map(|first| vec![first.clone(); keys.len()]).unwrap_or_default();
        }
        if fault.is("get_many answers in reverse over 1,000 keys") && keys.len() > 1_000 {
            asked.reverse();
        }
        let mut values = view.get_many(&asked).await?;
        self.spoil(view, keys, &mut values).await?;
        Ok(values)
    }
}

impl Gets {
    async fn over_the_limits(&self, view: &dyn ReadView, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        let fault = &self.0;
        if keys.len() > MAX_GET_KEYS && !fault.is("get_many takes too many keys") {
            return view.get_many(keys).await;
        }
        let mut values = Vec::new();
        for part in keys.chunks(8) {
            values.extend(view.get_many(part).await?);
        }
        let bytes: usize = values.iter().flatten().map(Bytes::len).sum();
        if bytes > MAX_GET_BYTES {
            if fault.is("get_many takes too many keys") {
                return Err(too_large());
            }
            if fault.is("get_many cuts its answer where the bytes are too many") {
                values.pop();
            }
        }
        Ok(values)
    }

    async fn spoil(&self, view: &dyn ReadView, keys: &[Key], values: &mut Vec<Option<Bytes>>) -> Result<()> {
        let fault = &self.0;
        if fault.is("get_many leaves missing keys out") {
            values.retain(Option::is_some);
        }
        if fault.is("get_many leaves the last key out") && keys.len() > 1 {
            values.pop();
        }
        let bytes: usize = values.iter().flatten().map(Bytes::len).sum();
        if bytes > MAX_GET_BYTES / 2 && fault.is("get_many refuses half of the bytes that are allowed") {
            return Err(too_large());
        }
        let mut seen_missing = false;
        for (at, (key, value)) in keys.iter().zip(values).enumerate() {
            let again = || keys.iter().take(at).any(|before| before == key);
            if value.is_none() {
                seen_missing = true;
                if fault.is("get_many of a missing key is an error") {
                    return Err(Error::new(ErrorKind::NotFound, "there is no such key"));
                }
                if fault.is("get_many answers a missing key with an empty value") {
                    *value = Some(Bytes::new());
                }
                let range = if fault.is("get_many answers a missing key with that of the next") {
                    KeyRange::new(key.clone().into_bytes(), None)
                } else if fault.is("get_many answers a missing key with that of a longer one") {
                    KeyRange::prefix(key.clone().into_bytes())
                } else {
                    continue;
                };
                let page = view.scan(&ScanRequest::new(range).max_items(1)).await?;
                *value = page.iter_shared().next().map(|(_, value)| value);
            }
            let is_gone = (fault.is("get_many answers an empty value with nothing")
                && value.as_ref().is_some_and(Bytes::is_empty))
                || (fault.is("get_many answers the second naming of a key with nothing") && again())
                || (fault.is("get_many answers nothing after a missing key") && seen_missing)
                || (fault.is("get_many answers nothing after 256 keys") && at >= 256)
                || (fault.is("get_many answers nothing after 65,535 keys") && at >= 65_535);
            if is_gone {
                *value = None;
            }
        }
        Ok(())
    }
}
