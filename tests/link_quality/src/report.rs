//! The figures as tables.

use std::fmt::Write;

use codestrata::Resolution;
use serde::Serialize;

use crate::figures::{Figures, LabelFigures, RelationFigures};

/// The figures of one project, under its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Measured {
    /// The project.
    pub name: String,
    /// What was measured.
    pub figures: Figures,
}

/// All projects together.
pub fn pooled(each: &[Measured]) -> Measured {
    let mut figures = Figures::default();
    for measured in each {
        figures += &measured.figures;
    }
    Measured { name: "all together".to_owned(), figures }
}

/// Tables in Markdown: how sound links are, and how many are found.
pub fn markdown(each: &[Measured]) -> String {
    let mut text = String::new();
    text.push_str("| project | relation | links | bound | right | wrong | unverifiable | contradicted | precision | unverifiable share |\n");
    text.push_str("|---|---|---|---:|---:|---:|---:|---:|---:|---:|\n");
    for measured in each {
        for (relation, figures) in relations(measured) {
            for (label, of) in rows(figures) {
                let _ = writeln!(
                    text,
                    "| {} | {relation} | {label} | {} | {} | {} | {} | {} | {} | {} |",
                    measured.name,
                    of.bound(),
                    of.right,
                    of.wrong,
                    of.unverifiable,
                    of.contradicted,
                    share(of.precision()),
                    share(of.unverifiable_share()),
                );
            }
        }
    }
    text.push_str(
        "\n| project | relation | target | places | found | recall | with ambiguous candidates |\n",
    );
    text.push_str("|---|---|---|---:|---:|---:|---:|\n");
    for measured in each {
        for (relation, figures) in relations(measured) {
            let rows = [
                ("functions, methods, types", figures.definitions),
                ("variables, properties", figures.values),
                ("all", figures.all()),
            ];
            for (target, found) in rows.into_iter().filter(|(_, found)| found.places > 0) {
                let _ = writeln!(
                    text,
                    "| {} | {relation} | {target} | {} | {} | {} | {} |",
                    measured.name,
                    found.places,
                    found.bound,
                    share(found.recall()),
                    share(found.recall_with_candidates()),
                );
            }
        }
    }
    text.push_str("\n| project | files | not compared | relation | target elsewhere | truth silent | truth contradicts itself |\n");
    text.push_str("|---|---:|---:|---|---:|---:|---:|\n");
    for measured in each {
        let figures = &measured.figures;
        for (relation, of) in relations(measured) {
            let _ = writeln!(
                text,
                "| {} | {} | {} | {relation} | {} | {} | {} |",
                measured.name,
                figures.files,
                figures.not_compared,
                of.elsewhere,
                of.silent,
                of.contradictions
            );
        }
    }
    text
}

fn relations(measured: &Measured) -> [(&'static str, &RelationFigures); 2] {
    [("calls", &measured.figures.calls), ("inheritance", &measured.figures.inheritance)]
}

/// Certain links together, and then each label by itself.
fn rows(figures: &RelationFigures) -> Vec<(&'static str, LabelFigures)> {
    let labels = [Resolution::Exact, Resolution::Import, Resolution::UniqueName].map(Resolution::as_str);
    let each =
        labels.into_iter().map(|label| (label, figures.labels.get(label).copied().unwrap_or_default()));
    std::iter::once(("exact and import", figures.certain()))
        .chain(each)
        .filter(|(_, figures)| figures.bound() > 0)
        .collect()
}

fn share(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{share:.3}"))
}
