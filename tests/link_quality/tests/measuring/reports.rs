//! Figures add up over projects, goals are held against them, and faults are shown with where they are.

use crate::small_project::SmallProject;
use codestrata_link_quality::{Goal, Measured, markdown, pooled, unmet};

/// One project of a call that is found, and one of three that are not.
fn two() -> Vec<Measured> {
    let symbol = "scip-python python app 1 app/f().";
    let good = SmallProject::new().file("app.py", &format!("def «{symbol}»f(): ...\n\n‹{symbol}›f()\n"));
    let method = "scip-python python app 1 app/A#f().";
    let bad = SmallProject::new().file(
        "app.py",
        &format!(
            "class A:\n    def «{method}»f(self): ...\nclass B:\n    def f(self): ...\n\n\
             def g(a, b, c):\n    a.‹{method}›f()\n    b.‹{method}›f()\n    c.‹{method}›f()\n"
        ),
    );
    [("good", good), ("bad", bad)]
        .map(|(name, project)| Measured { name: name.to_owned(), figures: project.measure() })
        .to_vec()
}

#[test]
fn projects_are_pooled_by_their_counts() {
    let pooled = pooled(&two());
    assert_eq!(pooled.figures.files, 2);
    let found = pooled.figures.calls.all();
    assert_eq!((found.places, found.bound, found.among_candidates), (4, 1, 3));
    assert_eq!(found.recall(), Some(0.25));
    assert_eq!(found.recall_with_candidates(), Some(1.0));
}

#[test]
fn a_goal_that_is_not_met_is_named_with_its_figure() {
    let each = two();
    let goals: Vec<Goal> =
        ["recall=0.2", "recall=0.3", "recall-of-each=0.5"].iter().map(|goal| goal.parse().unwrap()).collect();
    let unmet = unmet(&goals, &each, &pooled(&each));
    assert_eq!(
        unmet,
        [
            "recall of all together is 0.2500, and the goal is 0.3",
            "recall-of-each of bad is 0.0000, and the goal is 0.5",
        ]
    );
}

#[test]
fn what_was_not_measured_meets_no_goal() {
    let each = two();
    let goals = ["inheritance-recall=0".parse().unwrap()];
    let unmet = unmet(&goals, &each, &pooled(&each));
    assert_eq!(unmet, ["inheritance-recall of all together is not measured, and the goal is 0"]);
}

#[test]
fn a_goal_that_says_nothing_is_refused() {
    for text in ["recall", "speed=1", "recall=2", "recall=x"] {
        assert!(text.parse::<Goal>().is_err(), "{text}");
    }
}

#[test]
fn tables_have_a_row_for_each_project() {
    let table = markdown(&two());
    assert!(table.contains("| good | calls | all | 1 | 1 | 1.000 | 1.000 |"), "{table}");
    assert!(table.contains("| bad | calls | all | 3 | 0 | 0.000 | 1.000 |"), "{table}");
    assert!(table.contains("| good | calls | exact | 1 | 1 | 0 | 0 | 0 | 1.000 | 0.000 |"), "{table}");
}

#[test]
fn faults_say_where_and_what() {
    let symbol = "scip-python python app 1 app/A#f().";
    let project = SmallProject::new().file(
        "app.py",
        &format!("class A:\n    def «{symbol}»f(self): ...\nclass B:\n    def f(self): ...\n\ndef g(a):\n    a.‹{symbol}›f()\n"),
    );
    project.write_index();
    let (_, faults) = project.try_measure().unwrap();
    let ranked = faults.ranked();
    assert_eq!(ranked.len(), 1);
    let (kind, fault) = ranked[0];
    assert_eq!(kind, "call missed, ambiguous: `a.f()` of a method");
    assert_eq!(fault.examples, [format!("app.py:7 `f` in `a.f()`; ours: ambiguous:f; truth: {symbol}")]);
}
