//! The program `codestrata`, with the backend `sqlite` beside those that it comes with.

use codestrata_backend_sqlite as _;

fn main() -> std::process::ExitCode {
    codestrata_cli::main()
}
