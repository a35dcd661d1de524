"""From a user to a profile."""

from typing import Any, Dict

from .users import User, UserProfile
from .validation import DataValidator


def process_user_data(user: User, settings: Dict[str, Any]) -> UserProfile:
    """Checks what a user typed, and keeps it."""
    validator = DataValidator(settings.get("strict_mode", False))
    validated_data = validator.validate(user.raw_data)
    profile = UserProfile.from_dict(validated_data)
    return profile.enrich_with_metadata()
