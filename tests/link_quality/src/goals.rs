//! Whether the figures are good enough.

use std::str::FromStr;

use crate::report::Measured;

/// One figure and the least that it must be, `certain-precision=0.97`; of a share, the most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Goal {
    figure: Figure,
    bound: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Figure {
    CertainPrecision,
    CertainUnverifiable,
    Recall,
    RecallOfEach,
    InheritancePrecision,
    InheritanceRecall,
}

impl Figure {
    const ALL: [Self; 6] = [
        Self::CertainPrecision,
        Self::CertainUnverifiable,
        Self::Recall,
        Self::RecallOfEach,
        Self::InheritancePrecision,
        Self::InheritanceRecall,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::CertainPrecision => "certain-precision",
            Self::CertainUnverifiable => "certain-unverifiable",
            Self::Recall => "recall",
            Self::RecallOfEach => "recall-of-each",
            Self::InheritancePrecision => "inheritance-precision",
            Self::InheritanceRecall => "inheritance-recall",
        }
    }
}

impl FromStr for Goal {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = || Figure::ALL.map(Figure::as_str).join(", ");
        let (name, bound) =
            text.split_once('=').ok_or_else(|| format!("write NAME=SHARE; names are {}", names()))?;
        let figure = Figure::ALL.into_iter().find(|figure| figure.as_str() == name);
        let figure = figure.ok_or_else(|| format!("`{name}` is no figure; there are {}", names()))?;
        let bound = bound.parse().ok().filter(|bound| (0.0..=1.0).contains(bound));
        Ok(Self { figure, bound: bound.ok_or("the share must be a number from 0 to 1")? })
    }
}

/// Which goals are not met, in words. `pooled` is all projects together. A figure that there is nothing to make of
/// meets no goal: nothing was measured.
pub fn unmet(goals: &[Goal], each: &[Measured], pooled: &Measured) -> Vec<String> {
    let mut unmet = Vec::new();
    for goal in goals {
        let of: Vec<&Measured> = match goal.figure {
            Figure::RecallOfEach => each.iter().collect(),
            _ => vec![pooled],
        };
        for measured in of {
            let figures = &measured.figures;
            let value = match goal.figure {
                Figure::CertainPrecision => figures.calls.certain().precision(),
                Figure::CertainUnverifiable => figures.calls.certain().unverifiable_share(),
                Figure::Recall | Figure::RecallOfEach => figures.calls.all().recall(),
                Figure::InheritancePrecision => figures.inheritance.certain().precision(),
                Figure::InheritanceRecall => figures.inheritance.all().recall(),
            };
            let is_met = value.is_some_and(|value| match goal.figure {
                Figure::CertainUnverifiable => value <= goal.bound,
                _ => value >= goal.bound,
            });
            if !is_met {
                let value = value.map_or_else(|| "not measured".to_owned(), |value| format!("{value:.4}"));
                let name = goal.figure.as_str();
                unmet.push(format!("{name} of {} is {value}, and the goal is {}", measured.name, goal.bound));
            }
        }
    }
    unmet
}
