//! The codestrata program.

fn main() {}
