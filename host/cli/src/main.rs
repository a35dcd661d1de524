//! The program `codestrata`: the library of this package, with the backends that its features name.

fn main() -> std::process::ExitCode {
    codestrata_cli::main()
}
