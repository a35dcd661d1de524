//! A registry refuses two backends of one name, names that are none, and other versions of the contract.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use codestrata_core::{BackendDescriptor, Error, ErrorKind, OpenFuture, OpenRequest, Registry};

fn open(_: OpenRequest) -> OpenFuture {
    Box::pin(async { Err(Error::new(ErrorKind::NotFound, "nothing here")) })
}

fn backend(name: &'static str, from: &'static str) -> BackendDescriptor {
    BackendDescriptor::new(name, open).crate_name(from, "1.2.3")
}

fn filled() -> Registry {
    let mut registry = Registry::empty();
    registry.register(backend("redb", "codestrata-backend-redb")).unwrap();
    registry.register(backend("memory", "codestrata-backend-memory")).unwrap();
    registry
}

#[test]
fn backends_are_found_by_name_and_listed_in_order() {
    let registry = filled();
    assert_eq!(registry.names(), ["memory", "redb"]);
    assert_eq!(registry.get("redb").unwrap().origin(), ("codestrata-backend-redb", "1.2.3"));
    assert_eq!(registry.iter().count(), 2);
}

#[test]
fn a_second_backend_of_a_name_is_refused_and_both_crates_are_named() {
    let mut registry = filled();
    let error = registry.register(backend("redb", "another-crate")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    let text = error.to_string();
    assert!(text.contains("codestrata-backend-redb 1.2.3") && text.contains("another-crate 1.2.3"), "{text}");
    assert_eq!(registry.get("redb").unwrap().origin().0, "codestrata-backend-redb", "the first one stays");
}

#[test]
fn an_unknown_name_is_answered_with_the_names_there_are_and_the_nearest() {
    let text = filled().get("reddb").unwrap_err().to_string();
    assert!(
        text.contains("`reddb`") && text.contains("did you mean `redb`?") && text.contains("memory, redb"),
        "{text}"
    );
    let text = filled().get("oracle").unwrap_err().to_string();
    assert!(text.contains("memory, redb") && text.contains("linked in"), "{text}");
    assert!(Registry::empty().get("redb").unwrap_err().to_string().contains("no backend is linked"));
}

#[test]
fn a_name_is_lower_case_letters_digits_and_hyphens() {
    for name in ["a", "redb", "slate-db2", &"x".repeat(64)] {
        let name: &'static str = String::from(name).leak();
        Registry::empty().register(backend(name, "c")).unwrap();
    }
    for name in ["", "Redb", "2fast", "-a", "a b", "a_b", "é", "a/b", &"x".repeat(65)] {
        let name: &'static str = String::from(name).leak();
        let error = Registry::empty().register(backend(name, "a-crate")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{name:?}");
        assert!(error.to_string().contains("a-crate"), "{error}");
    }
}
