//! C and C++ across files: headers and sources, classes whose methods stand elsewhere, namespaces, overloads, and what
//! is local to a file.

mod small_tree;

use codestrata::model::{Resolution, edge_kind};
use small_tree::{REPOSITORY, callers, indexed};

const C: &[(&str, &str)] = &[
    (
        "include/list.h",
        "#ifndef LIST_H\n#define LIST_H\nstruct list { int size; };\nint list_add(struct list *l, int x);\n\
         static inline int list_any(struct list *l) { return list_size(l) > 0; }\nint list_size(struct list *l);\n\
         #define LIST_EACH(l) list_begin(l)\nextern int list_limit;\n#endif\n",
    ),
    (
        "src/list.c",
        "#include \"list.h\"\nint list_limit = 3;\nstatic int grow(int by) { return by; }\n\
         int list_add(struct list *l, int x) { return grow(x) + list_size(l); }\n\
         int list_size(struct list *l) { return l->size; }\nvoid list_begin(struct list *l) {}\n",
    ),
    (
        "src/main.c",
        "#include \"../include/list.h\"\n#include <list.h>\n#include <string.h>\n\
         static int grow(void) { return 1; }\nint list_add(struct list *l, int x);\n\
         int main(void) { struct list l; LIST_EACH(&l); grow(); return list_add(&l, list_limit) + list_any(&l); }\n\
         int by_pointer(int (*list_add)(int)) { return list_add(1); }\n\
         void hands_on(void) { run(list_size); }\n",
    ),
    ("src/other.c", "static int list_add(int a) { return a; }\nint uses(void) { return list_add(1); }\n"),
];

const CPP: &[(&str, &str)] = &[
    (
        "include/db/store.h",
        "#pragma once\n#include \"db/base.h\"\nnamespace db {\nclass Table;\nclass Store : public Base {\n public:\n\
         \x20 explicit Store(int size);\n  void Put(int key);\n  void Put(const char* key);\n  int Get(int key) const;\n\
         \x20 int Twice(int key) { return Get(key) + Get(key); }\n  static Store* Open();\n private:\n  void Grow();\n\
         \x20 int Log(int level);\n  Table* table_;\n};\nint Hash(int key);\n}\n",
    ),
    (
        "include/db/base.h",
        "#pragma once\nnamespace db {\nclass Base {\n public:\n  virtual ~Base();\n  void Audit();\n protected:\n\
         \x20 virtual void Flush();\n};\n}\n",
    ),
    (
        "db/base.cc",
        "#include \"db/base.h\"\nnamespace db {\nBase::~Base() { Flush(); }\nvoid Base::Audit() { this->Flush(); }\n\
         void Base::Flush() {}\n}\n",
    ),
    (
        "db/store.cc",
        "#include \"db/store.h\"\nnamespace db {\nnamespace {\nint Log(int x) { return x; }\nint Mix(int x) { return x; }\n}\n\
         int Hash(int key) { return Mix(key); }\nStore::Store(int size) { Grow(); }\nvoid Store::Put(int key) { Grow(); Hash(key); }\n\
         void Store::Put(const char* key) { Audit(); }\nint Store::Get(int key) const { return db::Hash(key); }\n\
         void Store::Grow() { Flush(); detail::Align(1); }\nStore* Store::Open() { return new Store(1); }\n}\n",
    ),
    (
        "db/align.cc",
        "namespace db::detail {\nint Align(int x) { return x; }\n}\nint Align(int x) { return -x; }\n",
    ),
    (
        "tool/main.cc",
        "#include <memory>\n#include \"db/store.h\"\nusing db::Store;\nint Mix(int x);\n\
         int run(db::Store& store, Store* other) { store.Put(1); return other->Get(2); }\n\
         int made() { auto s = std::make_unique<Store>(1); s->Audit(); db::Store local(2); return local.Twice(1); }\n\
         void unknown(Thing& thing) { thing.Grow(); }\nvoid statics() { Store::Open()->Get(1); }\n\
         void shadowed(int (*Hash)(int)) { Hash(1); }\n",
    ),
    (
        "db/derived.cc",
        "#include \"db/store.h\"\nnamespace db {\nclass Derived : public Store {\n  Store* inner_;\n\
         \x20 int Run() { return inner_->Get(1); }\n};\nint same() { store::Log store(1); return store.Write(); }\n}\n",
    ),
    ("db/log.cc", "namespace db::store {\nint Log::Write() { return 1; }\n}\n"),
    ("db/log.h", "namespace db::store {\nclass Log { public: explicit Log(int x); int Write(); };\n}\n"),
    ("lib/a.hpp", "int twice(int x);\n"),
    ("lib/b.hpp", "inline int twice(int x) { return x; }\n"),
    ("lib/c.hpp", "int twice(int x);\nint nowhere();\n"),
    ("lib/d.hpp", "int nowhere();\n"),
    ("lib/use.cpp", "int use() { return twice(1) + nowhere(); }\n"),
    ("tool/spaces.cpp", "using namespace db;\nint spaces(int x) { Store s(1); s.Get(2); return Hash(x); }\n"),
];

#[tokio::test]
async fn calls_of_a_function_that_a_header_declares_lead_to_its_definition() {
    let storage = indexed(C).await;
    assert_eq!(callers(&storage, "src/list.c::list_add").await, ["src/main.c::main"]);
    // One of them in the header itself, which only declares it.
    let of_size = callers(&storage, "src/list.c::list_size").await;
    assert_eq!(of_size, ["include/list.h::list_any", "src/list.c::list_add"]);
    assert!(callers(&storage, "include/list.h::list_size").await.is_empty());
}

#[tokio::test]
async fn inline_functions_and_macros_of_headers_are_called() {
    let storage = indexed(C).await;
    assert_eq!(callers(&storage, "include/list.h::list_any").await, ["src/main.c::main"]);
    assert_eq!(callers(&storage, "include/list.h::LIST_EACH").await, ["src/main.c::main"]);
    assert_eq!(callers(&storage, "src/list.c::list_begin").await, ["include/list.h::LIST_EACH"]);
}

#[tokio::test]
async fn static_functions_are_known_in_their_file_only() {
    let storage = indexed(C).await;
    assert_eq!(callers(&storage, "src/list.c::grow").await, ["src/list.c::list_add"]);
    assert_eq!(callers(&storage, "src/main.c::grow").await, ["src/main.c::main"]);
    assert_eq!(callers(&storage, "src/other.c::list_add").await, ["src/other.c::uses"]);
}

#[tokio::test]
async fn an_include_is_an_import_of_the_header_that_it_may_mean() {
    let storage = indexed(C).await;
    let shown =
        storage.query(REPOSITORY).show("src/main.c::<module>").await.expect("stored").expect("a node");
    let imports = shown.1.into_iter().filter(|edge| edge.kind == edge_kind::IMPORTS);
    let targets: Vec<_> = imports.map(|edge| edge.target).collect();
    // That of the standard library is not in the repository.
    assert_eq!(targets, ["include/list.h::<module>", "include/list.h::<module>", "unresolved:string.h"]);
}

#[tokio::test]
async fn methods_are_found_that_stand_away_from_their_class() {
    let storage = indexed(CPP).await;
    let of_get = callers(&storage, "db/store.cc::db.Store.Get").await;
    assert_eq!(
        of_get,
        [
            "db/derived.cc::db.Derived.Run",
            "include/db/store.h::db.Store.Twice",
            "tool/main.cc::run",
            // By its name alone: no other class has a method of it, and its declaration is not another one.
            "tool/main.cc::statics",
            "tool/spaces.cpp::spaces"
        ]
    );
    // By its bare name in other methods of the class.
    let of_grow = callers(&storage, "db/store.cc::db.Store.Grow").await;
    assert_eq!(of_grow[..2], ["db/store.cc::db.Store.Store", "db/store.cc::db.Store.Put"]);
    assert_eq!(callers(&storage, "include/db/store.h::db.Store.Twice").await, ["tool/main.cc::made"]);
}

#[tokio::test]
async fn inherited_members_are_found_in_the_sources_of_their_class() {
    let storage = indexed(CPP).await;
    let of_audit = callers(&storage, "db/base.cc::db.Base.Audit").await;
    assert_eq!(of_audit, ["db/store.cc::db.Store.Put#2", "tool/main.cc::made"]);
    let of_flush = callers(&storage, "db/base.cc::db.Base.Flush").await;
    assert_eq!(
        of_flush,
        ["db/base.cc::db.Base.~Base", "db/base.cc::db.Base.Audit", "db/store.cc::db.Store.Grow"]
    );
}

#[tokio::test]
async fn objects_are_made_in_every_way_of_writing_it() {
    let storage = indexed(CPP).await;
    let made = callers(&storage, "include/db/store.h::db.Store").await;
    assert_eq!(made, ["db/store.cc::db.Store.Open", "tool/main.cc::made", "tool/spaces.cpp::spaces"]);
}

#[tokio::test]
async fn names_of_namespaces_are_looked_up_from_inside_to_outside() {
    let storage = indexed(CPP).await;
    let of_hash = callers(&storage, "db/store.cc::db.Hash").await;
    assert_eq!(
        of_hash,
        ["db/store.cc::db.Store.Put", "db/store.cc::db.Store.Get", "tool/spaces.cpp::spaces"]
    );
    assert_eq!(callers(&storage, "db/align.cc::db.detail.Align").await, ["db/store.cc::db.Store.Grow"]);
    assert!(callers(&storage, "db/align.cc::Align").await.is_empty());
    // What has no name is seen in its file only.
    assert_eq!(callers(&storage, "db/store.cc::db.<anonymous>.Mix").await, ["db/store.cc::db.Hash"]);
}

#[tokio::test]
async fn a_variable_does_not_hide_the_namespace_of_its_name() {
    let storage = indexed(CPP).await;
    assert_eq!(callers(&storage, "db/log.cc::db.store.Log.Write").await, ["db/derived.cc::db.same"]);
    assert_eq!(callers(&storage, "db/log.h::db.store.Log").await, ["db/derived.cc::db.same"]);
}

#[tokio::test]
async fn which_of_several_overloads_is_called_is_not_certain() {
    let storage = indexed(CPP).await;
    let (found, _) =
        storage.query(REPOSITORY).callees("tool/main.cc::run", 20).await.expect("the node is stored");
    let resolutions = found.results.iter().map(|hit| (hit.node.name(), hit.sites.first()));
    let resolutions: Vec<_> =
        resolutions.filter_map(|(name, site)| Some((name, site?.resolution?))).collect();
    assert_eq!(resolutions, [("Put", Resolution::Ambiguous), ("Get", Resolution::Import)]);
}

#[tokio::test]
async fn a_definition_is_meant_before_all_declarations_and_these_are_one_thing() {
    let storage = indexed(CPP).await;
    let (found, _) =
        storage.query(REPOSITORY).callees("lib/use.cpp::use", 20).await.expect("the node is stored");
    let called = found.results.iter().map(|hit| (hit.node.id(), hit.sites.first()));
    let called: Vec<_> = called.filter_map(|(id, site)| Some((id, site?.resolution?))).collect();
    assert_eq!(
        called,
        [("lib/b.hpp::twice", Resolution::Import), ("lib/c.hpp::nowhere", Resolution::Import)]
    );
}

#[tokio::test]
async fn a_name_is_looked_up_in_the_namespaces_around_it_and_not_in_others_of_its_file() {
    let storage = indexed(&[
        ("s.hpp", "#pragma once\nnamespace lib { int save(int x); int load(int x); }\nnamespace mine { int part(int x); }\n"),
        ("lib.cpp", "#include \"s.hpp\"\nint lib::save(int x) { return load(x); }\nint lib::load(int x) { return x; }\n"),
        (
            "m.cpp",
            "#include \"s.hpp\"\nnamespace mine { int save(int x) { return part(x); } int part(int x) { return x; } }\n\
             int opened() { using namespace lib; return save(5); }\nint spelt() { return mine::save(7); }\n\
             namespace mine { int inside() { return save(8); } }\n",
        ),
        ("n.cpp", "#include \"s.hpp\"\nint unopened() { return load(7); }\nnamespace lib { int both() { return load(9) + outer(); } }\n"),
        ("o.cpp", "int outer() { return 1; }\nnamespace lib { namespace { struct S { int go() { return outer(); } }; } }\n"),
    ])
    .await;
    assert_eq!(callers(&storage, "m.cpp::mine.save").await, ["m.cpp::spelt", "m.cpp::mine.inside"]);
    assert_eq!(callers(&storage, "lib.cpp::lib.save").await, ["m.cpp::opened"]);
    assert_eq!(callers(&storage, "lib.cpp::lib.load").await, ["lib.cpp::lib.save", "n.cpp::lib.both"]);
    assert_eq!(callers(&storage, "m.cpp::mine.part").await, ["m.cpp::mine.save"]);
    let outside = ["n.cpp::lib.both", "o.cpp::lib.<anonymous>.S.go"];
    assert_eq!(callers(&storage, "o.cpp::outer").await, outside, "what no namespace around has is global");
}

#[tokio::test]
async fn a_name_means_the_definition_and_its_declarations_only_where_there_is_none() {
    let storage = indexed(&[
        ("a.h", "int defined(void);\nint declared(void);\n"),
        ("a.c", "#include \"a.h\"\nint defined(void) { return declared(); }\n"),
    ])
    .await;
    for (name, ids) in [("defined", ["a.c::defined"]), ("declared", ["a.h::declared"])] {
        let answer = storage.query(REPOSITORY).resolve(name).await.expect("answered");
        let found: Vec<_> = answer.results.into_iter().map(|found| found.node.id().to_string()).collect();
        assert_eq!(found, ids);
    }
}

#[tokio::test]
async fn an_overload_is_found_by_the_end_of_its_id() {
    let text = "struct T { void put(int x) {} void put(const char *x) {} };\n";
    let storage = indexed(&[("a.cpp", text)]).await;
    for symbol in ["put#2", "T.put#2", "a.cpp::T.put#2"] {
        let answer = storage.query(REPOSITORY).resolve(symbol).await.expect("answered");
        let found: Vec<_> = answer.results.into_iter().map(|found| found.node.id().to_string()).collect();
        assert_eq!(found, ["a.cpp::T.put#2"], "{symbol}");
    }
}
