//! Which modules an import may mean, and which module a file is.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use codestrata_index::{Language, extract};

fn candidates(path: &str, source: &str) -> Vec<String> {
    let language = Language::of_path(path).expect("a known ending");
    let facts = extract(path, source.as_bytes(), language).expect("sound").facts;
    facts.imports.into_iter().next().expect("an import").candidates
}

fn module(path: &str) -> (String, u8, bool) {
    let language = Language::of_path(path).expect("a known ending");
    let module = extract(path, b"", language).expect("sound").facts.module.expect("a module");
    (module.stem, module.rank, module.is_package)
}

#[test]
fn python_relative_imports_start_at_the_package() {
    assert_eq!(candidates("p/a.py", "from . import x"), ["p"]);
    assert_eq!(candidates("p/a.py", "from .u import x"), ["p/u"]);
    assert_eq!(candidates("p/q/a.py", "from ..u.v import x"), ["p/u/v"]);
    assert_eq!(candidates("p/q/__init__.py", "from .u import x"), ["p/q/u"]);
    assert_eq!(candidates("p/a.py", "from ...u import x"), [""; 0]);
}

#[test]
fn python_absolute_imports_prefer_a_folder_of_that_name_above_the_file() {
    assert_eq!(
        candidates("homeassistant/helpers/a.py", "import homeassistant.core"),
        [
            "homeassistant/core",
            "src/homeassistant/core",
            "lib/homeassistant/core",
            "homeassistant/helpers/homeassistant/core",
        ]
    );
    assert_eq!(candidates("x/src/p/q/a.py", "from p.u import f")[..2], ["x/src//p/u", "p/u"]);
}

#[test]
fn python_tests_and_examples_import_what_lies_beside_them() {
    assert_eq!(
        candidates("x/y/tests/z/a.py", "import p"),
        ["p", "src/p", "lib/p", "x/y//p", "x/y/src//p", "x/y/tests/z/p"]
    );
    assert_eq!(candidates("tests/a.py", "import p"), ["p", "src/p", "lib/p", "tests/p"]);
}

#[test]
fn the_standard_library_is_not_looked_for_in_the_repository() {
    assert_eq!(candidates("p/a.py", "import logging"), [""; 0]);
    assert_eq!(candidates("p/a.py", "from os.path import join"), [""; 0]);
    assert_eq!(candidates("cpython/logging/handlers.py", "import logging"), ["cpython//logging"]);
}

#[test]
fn javascript_specifiers_are_resolved_against_the_folder() {
    assert_eq!(candidates("a/b/c.ts", "import './x.js'"), ["a/b/x"]);
    assert_eq!(candidates("a/b/c.ts", "import x from '../x'"), ["a/x"]);
    assert_eq!(candidates("a/b/c.ts", "export * from './dir/index.js'"), ["a/b/dir"]);
    assert_eq!(candidates("a/b/c.ts", "import x from '.'"), ["a/b"]);
    assert_eq!(candidates("a/c.js", "const x = require('./x.cjs')"), ["a/x"]);
    assert_eq!(candidates("a/c.js", "import('./x')"), ["a/x"]);
    assert_eq!(candidates("a/c.ts", "import x = require('./x')"), ["a/x"]);
    assert_eq!(candidates("a/c.ts", "import x from '../../x'"), [""; 0]);
}

#[test]
fn bare_specifiers_are_packages_wherever_these_lie() {
    assert_eq!(candidates("a/c.ts", "import React from 'react'"), ["node_modules/react"]);
    assert_eq!(
        candidates("a/c.ts", "import x from '@scope/name/lib/x.js'"),
        ["node_modules/@scope/name/lib/x"]
    );
    assert_eq!(candidates("a/c.ts", "import x from 'chart.js'"), ["node_modules/chart.js"]);
    for none in ["node:fs", "https://x/y.js", "#internal", "@/x", "/x", "~/x"] {
        assert_eq!(candidates("a/c.ts", &format!("import x from '{none}'")), [""; 0], "{none}");
    }
    assert_eq!(module("web/node_modules/p/lib/x.ts"), ("node_modules/p/lib/x".to_owned(), 31, false));
    assert_eq!(candidates("web/node_modules/p/lib/x.ts", "import './y'"), ["node_modules/p/lib/y"]);
    assert_eq!(candidates("web/node_modules/p/x.ts", "import '../../y'"), [""; 0]);
}

#[test]
fn installed_python_modules_are_imported_by_their_names() {
    let site = ".venv/lib/python3.12/site-packages";
    assert_eq!(module(&format!("{site}/p/x.py")), ("p/x".to_owned(), 113, false));
    assert_eq!(candidates(&format!("{site}/p/x.py"), "from . import y"), ["p"]);
    assert_eq!(candidates(&format!("{site}/p/x.py"), "from p.y import z")[0], "p/y");
    assert_eq!(module("my-site-packages/p.py").0, "my-site-packages/p");
}

#[test]
fn files_are_modules_by_their_paths() {
    assert_eq!(module("p/__init__.py"), ("p".to_owned(), 0, true));
    assert_eq!(module("p.py"), ("p".to_owned(), 1, false));
    assert_eq!(module("p.pyi"), ("p".to_owned(), 3, false));
    assert_eq!(module("p/index.ts"), ("p".to_owned(), 20, false));
    assert_eq!(module("p.ts"), ("p".to_owned(), 0, false));
    assert_eq!(module("p.d.ts"), ("p".to_owned(), 8, false));
    assert_eq!(module("p.tsx"), ("p".to_owned(), 1, false));
}

#[test]
fn module_nodes_are_named_for_the_module() {
    let name = |path: &str| {
        let language = Language::of_path(path).expect("a known ending");
        extract(path, b"", language).expect("sound").facts.nodes[0].name.clone()
    };
    assert_eq!(name("homeassistant/core.py"), "core");
    assert_eq!(name("pkg/util/__init__.py"), "util");
    assert_eq!(name("pkg/util/index.ts"), "util");
    assert_eq!(name("index.ts"), "index");
}
