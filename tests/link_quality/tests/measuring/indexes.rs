//! An index that cannot be used is refused with a reason; one that is only partly broken is used.

use crate::small_project::SmallProject;

fn project() -> SmallProject {
    SmallProject::new().file(
        "app.py",
        "def «scip-python python app 1 app/f().»f(): ...\n\n‹scip-python python app 1 app/f().›f()\n",
    )
}

#[test]
fn an_index_that_is_cut_off_is_refused() {
    let project = project();
    project.write_index();
    let bytes = std::fs::read(project.index_path()).unwrap();
    for length in [bytes.len() - 1, bytes.len() / 2] {
        std::fs::write(project.index_path(), &bytes[..length]).unwrap();
        let problem = project.try_measure().unwrap_err();
        assert!(problem.contains("no SCIP index, or is cut off"), "{problem}");
    }
}

#[test]
fn an_index_of_another_tree_is_refused() {
    let project = project();
    project.write_index();
    std::fs::write(project.root().join("app.py"), "x\n").unwrap();
    let problem = project.try_measure().unwrap_err();
    assert!(problem.contains("is not of"), "{problem}");
    std::fs::remove_file(project.root().join("app.py")).unwrap();
    let problem = project.try_measure().unwrap_err();
    assert!(problem.contains("1 files are missing"), "{problem}");
}

#[test]
fn a_missing_index_is_named() {
    let problem = project().try_measure().unwrap_err();
    assert!(problem.contains("index.scip"), "{problem}");
}

#[test]
fn documentation_that_is_no_text_is_passed_over() {
    let project = project();
    project.write_index();
    // A document with nothing but one symbol, whose documentation is a half letter: fields 2, then 3, then 3.
    let mut bytes = std::fs::read(project.index_path()).unwrap();
    bytes.extend([0x12, 0x05, 0x1a, 0x03, 0x1a, 0x01, 0xc3]);
    std::fs::write(project.index_path(), bytes).unwrap();
    let (figures, _) = project.try_measure().unwrap();
    assert_eq!(figures.calls.definitions.bound, 1);
}
