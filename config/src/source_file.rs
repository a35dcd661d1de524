//! Finding and reading a configuration file.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use codestrata_core::ErrorKind;

use crate::document::Document;
use crate::error::ConfigError;

/// The name by which a configuration is found.
pub const FILE_NAME: &str = "codestrata.toml";

/// The largest file that is read: 1 MiB.
pub const MAX_FILE_BYTES: u64 = 1 << 20;

/// The nearest [`codestrata.toml`](FILE_NAME) in a folder or in those above it.
///
/// Only a regular file counts. A symbolic link does not, so that a source tree cannot make the errors of a
/// configuration quote a file elsewhere; it can be named with `--config`. What cannot be looked at is passed over.
/// Load what was found with [`Environment::Ignore`](crate::Environment::Ignore).
#[must_use]
pub fn find(start_dir: impl AsRef<Path>) -> Option<PathBuf> {
    let start_dir = start_dir.as_ref();
    let start_dir = if start_dir.as_os_str().is_empty() { Path::new(".") } else { start_dir };
    // Without links and `..`: the folders above are those that the file system has.
    let start = fs::canonicalize(start_dir).ok()?;
    start
        .ancestors()
        .map(|folder| folder.join(FILE_NAME))
        .find(|candidate| fs::symlink_metadata(candidate).is_ok_and(|metadata| metadata.is_file()))
}

pub(crate) fn read(path: &Path) -> Result<String, ConfigError> {
    let name = path.display().to_string();
    let bytes = read_bytes(path).map_err(|error| error.in_file(&name))?;
    String::from_utf8(bytes).map_err(|error| not_utf8(&name, &error))
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, ConfigError> {
    // Asked before opening: to open a pipe would wait for someone to write to it.
    let metadata = fs::metadata(path).map_err(|error| cannot_read(&error))?;
    if metadata.is_dir() {
        return Err(ConfigError::invalid("it is a folder, not a configuration file")
            .with_help(format!("name the file in it, such as `{FILE_NAME}`")));
    }
    if !metadata.is_file() {
        return Err(
            ConfigError::invalid("it is not a regular file").with_help("copy what it holds into a file")
        );
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| cannot_read(&error))?;
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| cannot_read(&error))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= MAX_FILE_BYTES) {
        Ok(bytes)
    } else {
        Err(ConfigError::invalid(format!("it is larger than {MAX_FILE_BYTES} bytes"))
            .with_help("is it a configuration file?"))
    }
}

fn cannot_read(error: &io::Error) -> ConfigError {
    match error.kind() {
        io::ErrorKind::NotFound => ConfigError::new(ErrorKind::NotFound, "there is no such file")
            .with_help("check the path, or copy one of the presets there"),
        io::ErrorKind::PermissionDenied => {
            ConfigError::new(ErrorKind::Unavailable, "it may not be read").with_help("check its permissions")
        }
        _ => ConfigError::new(ErrorKind::Unavailable, format!("it cannot be read: {error}")),
    }
}

fn not_utf8(name: &str, error: &std::string::FromUtf8Error) -> ConfigError {
    let offset = error.utf8_error().valid_up_to();
    let valid = error.as_bytes().get(..offset).unwrap_or_default();
    let position = Document::new(name, &String::from_utf8_lossy(valid)).position(offset);
    let byte = error.as_bytes().get(offset).copied().unwrap_or_default();
    ConfigError::invalid(format!("it is not UTF-8: byte 0x{byte:02X} at offset {offset}"))
        .with_help("save it as UTF-8")
        .at_position(name, position)
}
