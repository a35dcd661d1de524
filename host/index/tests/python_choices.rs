//! What is one of several things in Python: `A() if condition else B()`. What all of them have is found, and a member of what
//! is not of the repository is no guess.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod small_tree;

use small_tree::{edges_to, indexed};

const LIB: &str = "
class Base:
    def shared(self): pass
class A(Base):
    def only(self): pass
    def both(self): pass
class B(Base):
    def both(self): pass
class Portal:
    def login(self, a): pass
";

/// The labels of the calls of a member of `lib.py` in a function with this body.
async fn calls(body: &str, target: &str) -> Vec<String> {
    let app = format!(
        "from lib import A, B\nfrom ftplib import FTP, FTP_TLS\ndef make(): return unknown()\ndef main(x, y=None):\n {body}\n"
    );
    let storage = indexed(&[("lib.py", LIB), ("app.py", &app)]).await;
    let found = edges_to(&storage, "calls", &format!("lib.py::{target}")).await;
    found.into_iter().map(|(_, label)| label).collect()
}

#[tokio::test]
async fn a_member_of_one_of_several_things_of_the_outside_is_no_guess() {
    for body in [
        "ftp = FTP_TLS() if x else FTP()\n ftp.login(1)",
        "ftp = FTP() or FTP_TLS()\n ftp.login(1)",
        "ftp = (FTP_TLS if x else FTP)()\n ftp.login(1)",
        "(FTP_TLS if x else FTP)().login(1)",
        "(FTP_TLS() if x else FTP()).login(1)",
        "(FTP_TLS() if x else FTP() if y else None).login(1)",
    ] {
        assert!(calls(body, "Portal.login").await.is_empty(), "{body}");
    }
}

#[tokio::test]
async fn what_all_of_several_things_have_is_found() {
    for body in [
        "a = A() if x else B()\n a.shared()",
        "(A() if x else B()).shared()",
        "(A if x else B)().shared()",
        "a = (A if x else B)()\n a.shared()",
    ] {
        assert_eq!(calls(body, "Base.shared").await, ["import"], "{body}");
    }
}

#[tokio::test]
async fn what_one_of_them_has_is_not_passed_off_as_certain() {
    for (body, target) in [
        ("a = A() if x else B()\n a.both()", "A.both"),
        ("(A() if x else B()).both()", "A.both"),
        ("a = A() if x else make()\n a.only()", "A.only"),
        ("a = A() if x else FTP()\n a.only()", "A.only"),
    ] {
        let found = calls(body, target).await;
        assert!(
            found.iter().all(|label| label == "unique-name" || label == "ambiguous"),
            "{body}: {found:?}"
        );
    }
}
