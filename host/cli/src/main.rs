//! The program `codestrata`: the library of this package, with the backends that its features name.

// A graph is many small pieces made on one thread and dropped on another: the allocator of the C library keeps several
// times of what lives, and this one gives it back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    codestrata_cli::main()
}
