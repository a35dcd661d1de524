//! The program from the outside: what it prints, what it leaves behind, how it ends. One behaviour a file.
//!
//! They are one program because linking thirty would take longer than running them. `CODESTRATA_KILL_ROUNDS`
//! raises the rounds of `killed.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails, in what its functions share too"
)]

mod cargo;
mod document_projects;
mod sandbox;
mod scip_indexes;
mod terminal;

mod ambiguous_and_unknown_symbols;
mod analyses;
mod bad_configuration;
mod bad_json_lines;
mod benchmarks;
mod build_program;
mod cache_figures;
mod callers_of_what_was_gone;
mod changes_and_diff;
mod closed_pipe;
mod colours;
mod completions_and_man;
mod copying;
mod cycles;
mod dead_code;
mod dead_code_by_language;
mod definitions;
mod documents;
mod drawing;
mod edit_one_file;
mod export_and_import;
mod file_size_limits;
mod foreign_store;
mod freshness;
mod help;
mod index_and_ask;
mod interrupted;
mod json_shapes;
mod killed;
mod locked_store;
mod logging;
mod maintaining;
mod metrics_and_duplicates;
mod missing_things;
mod new_backend;
mod nothing_outside_the_store;
mod odd_file_names;
mod odd_repository_ids;
mod packages;
mod paths;
mod patterns_and_compatibility;
mod remedies;
mod removing;
mod second_run;
mod several_repositories;
mod swapped_engines;
mod verifying;
mod verifying_damaged_engines;
mod walking;
mod where_the_store_is;
