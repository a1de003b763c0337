"""One family carries every refusal: `code` for machines, a text for people, `facts` for both.

Doors turn a refusal into a form error, an RFC 9457 body or a line on stderr; nobody else catches it.
"""

from __future__ import annotations


class RuleBroken(Exception):
    """Something that was asked for is not allowed; nothing has been changed."""

    code, status = "rule_broken", 409

    def __init__(self, message: str = "", **facts: object) -> None:
        super().__init__(str(message))
        self.facts = facts


class NotFound(RuleBroken):
    """No such record, or not one that this reader may know of: both look the same."""

    code, status = "not_found", 404


class NotAllowed(RuleBroken):
    """The role does not include this operation."""

    code, status = "not_allowed", 403


class BadInput(RuleBroken):
    """What was sent cannot be understood; `facts` may name the field, line or column."""

    code, status = "bad_input", 422


class TooMany(RuleBroken):
    """A rate limit; `retry_after_s` says when to come back."""

    code, status = "too_many", 429

    def __init__(self, message: str = "", *, retry_after_s: int, **facts: object) -> None:
        super().__init__(message, retry_after_s=retry_after_s, **facts)
        self.retry_after_s = retry_after_s
