"""What this module answers instead of doing what was asked."""

from typing import Any


class Refusal(Exception):
    """An answer that is not 200: a status, a stable code, a sentence, and the values it speaks of."""

    def __init__(self, status: int, code: str, detail: str, **values: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.body = {"error": code, "detail": detail, **values}


def invalid(problems: list[dict[str, str]]) -> Refusal:
    """Everything that is wrong with a request, at once."""
    return Refusal(422, "invalid", f"{len(problems)} problem(s); the first: {problems[0]['detail']}", problems=problems)


def not_found(what: str, item: str) -> Refusal:
    return Refusal(404, "not_found", f"there is no {what} {item!r}", kind=what, id=item)


def conflict(expected: str, version: str) -> Refusal:
    return Refusal(
        409,
        "conflict",
        "the journey has changed since the version that was expected",
        expected=expected,
        version=version,
    )
