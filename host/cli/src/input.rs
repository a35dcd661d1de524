//! Files that are handed in whole.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use codestrata_analyse::limits::MAX_INPUT_BYTES;

use crate::failure::Failure;

/// The name of a file in messages.
pub(crate) fn name_of(path: &Path) -> String {
    if is_stdin(path) { "stdin".to_owned() } else { path.display().to_string() }
}

/// Reads a text; `-` is stdin.
///
/// # Errors
/// When it cannot be read, is too large, or is no UTF-8.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    let name = name_of(path);
    let cannot = |error: io::Error| {
        Failure::input(format!("{name} cannot be read: {error}"))
            .with_help("name a file that is there, or - for stdin")
    };
    let mut content = Vec::new();
    let input: Box<dyn Read> = if is_stdin(path) {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(path).map_err(cannot)?)
    };
    input.take(MAX_INPUT_BYTES + 1).read_to_end(&mut content).map_err(cannot)?;
    if u64::try_from(content.len()).is_ok_and(|bytes| bytes > MAX_INPUT_BYTES) {
        return Err(Failure::input(format!("{name} has more than {MAX_INPUT_BYTES} bytes"))
            .with_help("hand it in as several files"));
    }
    String::from_utf8(content).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        Failure::input(format!("{name} is not UTF-8 from byte {valid} on")).with_help("write it as UTF-8")
    })
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}
