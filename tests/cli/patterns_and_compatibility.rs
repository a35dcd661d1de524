//! Patterns and compatibility matrices are handed in, asked and compared.

use predicates::str::contains;

use crate::sandbox::{Sandbox, ids};

const FOUND: &str = r#"{"pattern": "active record", "node": "app/user.py::User", "confidence": 0.9, "found_by": "tool 1"}
{"pattern": "service", "file": "app/views.py", "line": 4, "end_line": 7, "confidence": 0.5, "found_by": "me", "note": "perhaps"}
"#;

const MATRIX: &str = "\
[[entries]]
component = \"client\"
component_version = \"1.2\"
protocol = \"http\"
protocol_version = \"2\"
support = \"partial\"
note = \"no server push\"

[[entries]]
component = \"client\"
component_version = \"1.3\"
protocol = \"http\"
protocol_version = \"2\"
support = \"supported\"
";

#[test]
fn patterns_are_added_and_listed_by_pattern_place_and_confidence() {
    let sandbox = Sandbox::indexed();
    sandbox.run(&["patterns", "list"]).code(1).stderr(contains("`codestrata patterns add FILE` makes one"));
    sandbox.write("found.jsonl", FOUND);
    sandbox
        .run(&["patterns", "add", "found.jsonl"])
        .success()
        .stdout(contains("2 records of patterns: 2 new"));
    let names = |arguments: &[&str]| -> Vec<String> {
        let answer = sandbox.json(&[&["patterns", "list"], arguments].concat());
        let results = answer["results"].as_array().unwrap();
        results.iter().map(|record| record["pattern"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&[]), ["active record", "service"]);
    assert_eq!(names(&["--pattern", "service"]), ["service"]);
    assert_eq!(names(&["--file", "user"]), ["active record"]);
    assert_eq!(names(&["--node", "app/user.py::User"]), ["active record"]);
    assert_eq!(names(&["--min-confidence", "0.6"]), ["active record"]);
    assert_eq!(names(&["--found-by", "me"]), ["service"]);
    sandbox
        .run(&["patterns", "list"])
        .success()
        .stdout(contains("active record 0.900  app/user.py::User  at app/user.py:1-6, by tool 1"))
        .stdout(contains("service 0.500  at app/views.py:4-7, by me\n    perhaps"));
}

#[test]
fn a_pattern_whose_node_is_gone_says_so() {
    let sandbox = Sandbox::indexed();
    sandbox.program().args(["patterns", "add", "-"]).write_stdin(FOUND).assert().success();
    sandbox.write("app/user.py", "def validate(user):\n    return user\n");
    sandbox.run(&["index", "."]).success();
    let listed = sandbox.json(&["patterns", "list"]);
    let there: Vec<bool> = listed["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| record["there"].as_bool().unwrap())
        .collect();
    assert_eq!(there, [false, true]);
    sandbox.run(&["patterns", "list"]).success().stdout(contains("(gone from the graph)"));
}

#[test]
fn a_bad_record_is_named_by_its_line_and_nothing_is_stored() {
    let sandbox = Sandbox::indexed();
    sandbox.write("found.jsonl", format!("{FOUND}{}", FOUND.replace("app/user.py::User", "nope")));
    sandbox
        .run(&["patterns", "add", "found.jsonl"])
        .code(5)
        .stdout("")
        .stderr(contains("line 3: the graph has no node with the id `nope`"));
    assert!(ids(&sandbox.json(&["analysis", "list"])).is_empty());
    sandbox.run(&["patterns", "add", "nope.jsonl"]).code(5).stderr(contains("nope.jsonl cannot be read"));
}

#[test]
fn runs_of_patterns_are_compared() {
    let sandbox = Sandbox::indexed();
    sandbox.write("found.jsonl", FOUND);
    sandbox.run(&["patterns", "add", "found.jsonl"]).success();
    sandbox.write("found.jsonl", FOUND.lines().next().unwrap().replace("0.9", "0.7"));
    sandbox.run(&["patterns", "add", "found.jsonl"]).success().stdout(contains("0 new, 1 changed, 0 gone"));
    let listed = sandbox.json(&["analysis", "list", "--type", "patterns"]);
    let [later, earlier] = ids(&listed)[..] else { panic!("{listed}") };
    let difference = sandbox.json(&["analysis", "diff", earlier, later]);
    assert_eq!(difference["changed"][0]["before"]["confidence"], 0.9);
    sandbox
        .run(&["analysis", "diff", earlier, later])
        .success()
        .stdout(contains("of another confidence or note"));
}

#[test]
fn a_matrix_is_asked_by_row_and_column_and_compared_with_the_one_before() {
    let sandbox = Sandbox::indexed();
    sandbox.write("matrix.toml", MATRIX);
    sandbox
        .run(&["compatibility", "import", "matrix.toml"])
        .success()
        .stdout(contains("2 entries, 1 supported, 1 partial, 0 unsupported"));
    let again = sandbox.json(&["compatibility", "import", "matrix.toml"]);
    assert_eq!((&again["kept"], &again["entries"]), (&false.into(), &2.into()));
    sandbox
        .run(&["compatibility", "import", "matrix.toml"])
        .success()
        .stdout(contains("the newest matrix already, so none was kept, of shop"));
    sandbox.run(&["compatibility", "diff"]).code(1).stderr(contains("two matrices are needed"));
    let rows = |arguments: &[&str]| {
        sandbox.json(&[&["compatibility", "show"], arguments].concat())["results"].as_array().unwrap().len()
    };
    assert_eq!(rows(&[]), 2);
    assert_eq!(rows(&["--component", "client@1.2"]), 1);
    assert_eq!(rows(&["--protocol", "http@2"]), 2);
    assert_eq!(rows(&["--protocol", "http@3"]), 0);
    sandbox
        .run(&["compatibility", "show", "--component", "client@1.2"])
        .success()
        .stdout(contains("client@1.2  http@2  partial  no server push"));
    sandbox.run(&["compatibility", "show", "--component", "client@"]).code(2).stderr(contains("client@1.2"));
    sandbox.write("matrix.toml", MATRIX.replace("\"partial\"", "\"unsupported\""));
    sandbox.run(&["compatibility", "import", "matrix.toml"]).success();
    let difference = sandbox.json(&["compatibility", "diff"]);
    assert_eq!(difference["changed"][0]["before"]["support"], "partial");
    assert_eq!(difference["changed"][0]["now"]["support"], "unsupported");
    let listed = sandbox.json(&["analysis", "list", "--type", "compatibility"]);
    let [later, earlier] = ids(&listed)[..] else { panic!("{listed}") };
    assert_eq!(sandbox.json(&["compatibility", "diff", earlier, later]), difference);
    assert_eq!(
        sandbox.json(&["compatibility", "show", "--run", earlier])["results"][0]["support"],
        "partial"
    );
    let text = sandbox.text(&["compatibility", "diff"]);
    assert!(text.contains("changed\n  client@1.2  http@2  unsupported"), "{text}");
}

#[test]
fn a_mistake_in_a_matrix_is_named_by_file_and_line() {
    let sandbox = Sandbox::indexed();
    sandbox.write("matrix.toml", MATRIX.replace("partial", "maybe"));
    sandbox
        .run(&["compatibility", "import", "matrix.toml"])
        .code(5)
        .stdout("")
        .stderr(contains("matrix.toml"))
        .stderr(contains("line 6: unknown variant `maybe`"));
    sandbox.write("matrix.json", "{\"entries\": [{}]}");
    sandbox.run(&["compatibility", "import", "matrix.json"]).code(5).stderr(contains("line 1, column"));
}

#[test]
fn results_of_two_types_or_of_other_programs_are_not_compared() {
    let sandbox = Sandbox::indexed();
    sandbox.write("matrix.toml", MATRIX);
    sandbox.run(&["compatibility", "import", "matrix.toml"]).success();
    sandbox.run(&["metrics"]).success();
    let of = |analysis_type: &str| {
        let listed = sandbox.json(&["analysis", "list", "--type", analysis_type]);
        ids(&listed)[0].to_owned()
    };
    let (matrix, metrics, measurements) = (of("compatibility"), of("metrics"), of("measurements"));
    sandbox
        .run(&["analysis", "diff", &matrix, &metrics])
        .code(2)
        .stderr(contains("is one of `metrics`"))
        .stderr(contains("and not of `compatibility`"));
    sandbox
        .run(&["analysis", "diff", &measurements, &metrics])
        .code(2)
        .stderr(contains("cannot be compared"));
}

#[test]
fn a_pattern_whose_file_is_gone_says_so() {
    let sandbox = Sandbox::indexed();
    sandbox.program().args(["patterns", "add", "-"]).write_stdin(FOUND).assert().success();
    std::fs::remove_file(sandbox.root().join("app/views.py")).unwrap();
    sandbox.run(&["index", "."]).success();
    let there = |of: &str| {
        let listed = sandbox.json(&["patterns", "list", "--pattern", of]);
        listed["results"][0]["there"].as_bool().unwrap()
    };
    assert_eq!((there("active record"), there("service")), (true, false));
}
