//! Measures how good links are: see the library of the same name, and `docs/link-quality.md`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use codestrata_index::Language;
use codestrata_link_quality::{Faults, Goal, Measured, Problem, Project, markdown, measure, pooled, unmet};
use serde_json::json;

/// Compares the links of graphs with SCIP indexes of the same trees.
#[derive(Parser)]
#[command(name = "codestrata-link-quality")]
struct Arguments {
    /// A SCIP index; several are measured one by one and together
    #[arg(long = "scip", value_name = "FILE", required = true)]
    indexes: Vec<PathBuf>,
    /// The folder in which the index was made; one for each index, in the same order
    #[arg(long = "root", value_name = "FOLDER", required = true)]
    roots: Vec<PathBuf>,
    /// What a project is called in the tables; the name of its index unless given
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
    /// Only files of these languages: python, javascript, typescript, tsx
    #[arg(long = "language", value_name = "LANGUAGE", value_parser = language)]
    languages: Vec<Language>,
    /// How many kinds of fault are listed, the most frequent first
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    details: usize,
    /// Write JSON instead of tables
    #[arg(long)]
    json: bool,
    /// A figure and its bound, `recall=0.8`; exits with 1 when one is not met
    #[arg(long = "goal", value_name = "FIGURE=SHARE")]
    goals: Vec<Goal>,
}

fn language(name: &str) -> Result<Language, String> {
    let found = Language::ALL.into_iter().find(|language| language.as_str() == name);
    found.ok_or_else(|| format!("`{name}` is no language that is known"))
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<bool, Problem> {
    if arguments.indexes.len() != arguments.roots.len() {
        return Err("each --scip needs a --root of its own, in the same order".into());
    }
    let is_wanted =
        |language: Language| arguments.languages.is_empty() || arguments.languages.contains(&language);
    let mut each = Vec::new();
    let mut faults = Faults::default();
    for (at, (index, root)) in arguments.indexes.iter().zip(&arguments.roots).enumerate() {
        let (figures, found) = measure(Project { root, index }, &is_wanted)?;
        let stem = || index.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        each.push(Measured { name: arguments.names.get(at).cloned().unwrap_or_else(stem), figures });
        faults.add(found);
    }
    let together = pooled(&each);
    let unmet = unmet(&arguments.goals, &each, &together);
    show(arguments, &each, &together, &faults, &unmet)?;
    Ok(unmet.is_empty())
}

fn show(
    arguments: &Arguments,
    each: &[Measured],
    together: &Measured,
    faults: &Faults,
    unmet: &[String],
) -> Result<(), Problem> {
    let ranked = faults.ranked();
    let listed = ranked.iter().take(arguments.details);
    if arguments.json {
        let listed: Vec<_> = listed.map(|(kind, fault)| json!({ "kind": kind, "fault": fault })).collect();
        let all = json!({ "projects": each, "together": together, "faults": listed, "unmet": unmet });
        println!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
    let mut shown = each.to_vec();
    if shown.len() > 1 {
        shown.push(together.clone());
    }
    println!("{}", markdown(&shown));
    for (kind, fault) in listed {
        println!("{} x {kind}", fault.count);
        for example in &fault.examples {
            println!("    {example}");
        }
    }
    for goal in unmet {
        println!("not met: {goal}");
    }
    Ok(())
}
