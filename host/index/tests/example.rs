//! The example by which the indexer is judged.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod rendering;

use codestrata_index::{Language, extract};

#[test]
fn the_function_of_the_example_refers_to_all_that_it_uses() {
    let source = "
from typing import Any, Dict
from .models import User, UserProfile
from .validation import DataValidator

def process_user_data(user: User, settings: Dict[str, Any]) -> UserProfile:
    validator = DataValidator(settings.get('strict_mode', False))
    validated_data = validator.validate(user.raw_data)
    profile = UserProfile.from_dict(validated_data)
    return profile.enrich_with_metadata()
";
    let facts = extract("app/process.py", source.as_bytes(), Language::Python).expect("sound").facts;
    assert_eq!(
        rendering::references(&facts, "process_user_data"),
        [
            "uses_type <.models>:User (parameter)",
            "uses_type <typing>:Dict (parameter)",
            "uses_type free str (parameter)",
            "uses_type <typing>:Any (parameter)",
            "uses_type <.models>:UserProfile (return)",
            "instantiates <.validation>:DataValidator",
            "calls <typing>:Dict.get",
            "calls <.validation>:DataValidator().validate",
            "accesses <.models>:User.raw_data",
            "calls <.models>:UserProfile.from_dict",
            "calls <.models>:UserProfile.from_dict().enrich_with_metadata",
        ]
    );
}
