//! A file that was made to break the reader is an error, soon, and on a small stack.
#![expect(clippy::unwrap_used, reason = "the lint knows tests, not the functions beside them")]

use std::time::{Duration, Instant};

use codestrata_config::{Environment, MAX_FILE_BYTES, StorageConfig};

fn error_of(text: &str) -> String {
    let text = text.to_owned();
    let started = Instant::now();
    let reader = std::thread::Builder::new().stack_size(512 * 1024);
    let error = reader
        .spawn(move || {
            StorageConfig::from_toml(&text, "hostile", "", Environment::Ignore).unwrap_err().to_string()
        })
        .unwrap()
        .join()
        .unwrap();
    // Some tens of milliseconds, measured; the rest is for a busy machine.
    assert!(started.elapsed() < Duration::from_secs(20), "took {:?}", started.elapsed());
    assert!(error.len() < 2_000, "{} bytes of message", error.len());
    error
}

fn filled_with(part: &str) -> String {
    part.repeat(usize::try_from(MAX_FILE_BYTES).unwrap() / part.len())
}

#[test]
fn one_thing_over_and_over() {
    let parts = [
        "[",
        "]",
        "{",
        "}",
        "=",
        ".",
        ",",
        "\"",
        "'",
        "\"\"\"",
        "'''",
        "\\",
        "#",
        "\0",
        "\r",
        "\u{1b}",
        "a",
        "9",
        "a.",
        "{a=",
        "[[a]]\n",
        "[a]\n",
        "a=1\n",
        "\"\\u0041\".",
        "[a.a.a.a.a.a.a]\n",
        "ä",
        "\u{202e}",
    ];
    for part in parts {
        error_of(&filled_with(part));
        error_of(&format!("a={}", filled_with(part)).replacen(part, "", 3));
    }
}

#[test]
fn dotted_keys_inside_of_braces() {
    // Each is within the bounds of the parser; together they overflowed the stack when the tables were dropped.
    let key = format!("{}a", "a.".repeat(78));
    let text = format!("{}1{}", format!("{key} = {{ ").repeat(78) + &format!("{key} = "), " }".repeat(78));
    assert!(error_of(&text).contains("more than 8 dots"));
    assert!(
        error_of(&format!("a={}", "[".repeat(1 << 20)).as_str()[..1 << 20])
            .contains("nested more than 8 deep")
    );
}

#[test]
fn many_keys_and_long_names() {
    let many: Vec<String> = (0..60_000).map(|n| format!("k{n} = 1\n")).collect();
    let many = many.concat();
    assert!(error_of(&many).starts_with("hostile:1:1: there is no section `k0`"));
    assert!(error_of(&format!("[storage]\n{many}")).contains("no key `k0`"));
    let long = "k".repeat(1_000_000);
    assert!(error_of(&format!("{long} = 1")).contains("longer than 128 bytes"));
    assert!(
        error_of(&format!("[storage]\nbackend='m'\noptions.{long} = 1")).contains("longer than 128 bytes")
    );
    assert!(error_of(&format!("[storage]\nbackend='m'\ndurability='{long}'")).contains("but it is `kkk"));
    assert!(
        error_of(&format!("[storage]\nbackend='m'\n[cache]\ncapacity='{long}'")).contains("takes a size")
    );
    assert!(
        error_of(&format!("[{long}]\n{}", many.get(..40_000).unwrap())).contains("longer than 128 bytes")
    );
}

#[test]
fn numbers_without_end() {
    let digits = "9".repeat(1_000_000);
    for (key, value) in [
        ("capacity", digits.clone()),
        ("capacity", format!("'{digits}EiB'")),
        ("capacity", format!("1e{digits}")),
        ("capacity", "nan".to_owned()),
        ("capacity", "-inf".to_owned()),
        ("default_ttl", format!("'{digits}y'")),
        ("default_ttl", "'18446744073709551615s 1000ms'".to_owned()),
        ("default_ttl", format!("'{}'", "1s ".repeat(100_000))),
    ] {
        let error = error_of(&format!("[storage]\nbackend='m'\n[cache]\n{key} = {value}\n"));
        assert!(error.starts_with("hostile:4:"), "{error}");
    }
}

#[test]
fn nothing_reaches_the_terminal_but_text() {
    let error = error_of("[storage]\n\"\\u001b[2Jx\\n\" = 1\n");
    assert!(error.contains("\\u{1b}[2Jx\\n") && !error.contains('\u{1b}'), "{error}");
}
