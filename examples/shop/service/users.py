"""Who buys: users as they sign up, and the profiles that are kept of them."""

from typing import Any, Dict


class Record:
    """Something that is kept under a key."""

    key: str = ""

    def save(self) -> None:
        print("saved", self.key)


class User:
    """What someone typed into the form."""

    def __init__(self, name: str, raw_data: Dict[str, Any]):
        self.name = name
        self.raw_data = raw_data


class UserProfile(Record):
    """What is kept of a user."""

    def __init__(self, name: str):
        self.name = name
        self.tags: list[str] = []

    @classmethod
    def from_dict(cls, data: Dict[str, Any]) -> "UserProfile":
        return cls(data["name"])

    def enrich_with_metadata(self) -> "UserProfile":
        self.tags.append("new")
        self.save()
        return self
