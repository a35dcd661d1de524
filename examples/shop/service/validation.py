"""Whether data can be trusted."""

from typing import Any, Dict


class DataValidator:
    def __init__(self, strict: bool):
        self.strict = strict

    def validate(self, data: Dict[str, Any]) -> Dict[str, Any]:
        if self.strict:
            self.check_names(data)
        return {name: value for name, value in data.items() if value is not None}

    def check_names(self, data: Dict[str, Any]) -> None:
        for name in data:
            if not name.isidentifier():
                raise ValueError(name)
