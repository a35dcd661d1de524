//! Exists only because Cargo wants a build script beside `links`; see the comment in `Cargo.toml`.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}
