//! Keys: 1 to 1,024 bytes, compared as unsigned bytes.

use std::borrow::Borrow;
use std::fmt;

use bytes::Bytes;

use crate::error::{Error, ErrorKind, Result};
use crate::limits::MAX_KEY_BYTES;

/// A key. It is never empty and never longer than [`MAX_KEY_BYTES`], so a backend need not check.
///
/// Keys compare as unsigned bytes, a prefix before what it begins: `a` < `a\0` < `aa` < `\x80`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Bytes);

impl Key {
    /// A key of these bytes.
    ///
    /// # Errors
    /// `InvalidArgument` if there are none, `TooLarge` if there are more than [`MAX_KEY_BYTES`].
    pub fn new(bytes: impl Into<Bytes>) -> Result<Self> {
        let bytes = bytes.into();
        if bytes.is_empty() {
            return Err(Error::new(ErrorKind::InvalidArgument, "a key must have at least one byte"));
        }
        if bytes.len() > MAX_KEY_BYTES {
            return Err(Error::new(
                ErrorKind::TooLarge,
                format!("a key of {} bytes is over the limit of {MAX_KEY_BYTES}", bytes.len()),
            )
            .with_help("cut the name and complete it with its hash"));
        }
        Ok(Self(bytes))
    }

    /// The bytes of the key.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }

    /// The bytes of the key, shared and not copied.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.0
    }
}

impl AsRef<[u8]> for Key {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Borrow<[u8]> for Key {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", escape(&self.0))
    }
}

/// Bytes as people can read them: printable ASCII as it is, the rest as `\xNN`, cut after 64 bytes.
#[must_use]
pub fn escape(bytes: &[u8]) -> String {
    const SHOWN: usize = 64;
    let mut text: String =
        bytes.iter().take(SHOWN).flat_map(|byte| byte.escape_ascii()).map(char::from).collect();
    if bytes.len() > SHOWN {
        text.push('…');
    }
    text
}
