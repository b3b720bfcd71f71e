"""The few expressions that this repository's workflows use, as GitHub evaluates them.

Fact: docs.github.com "Evaluate expressions in workflows and actions". Names are looked up in the contexts (`inputs`,
`steps`, …) and are empty where there is nothing; what is not known here is an error, not a guess.
"""

import re
from collections.abc import Mapping
from typing import assert_never

Value = str | bool
Contexts = Mapping[str, object]

_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_TOKEN = re.compile(r"\s*(&&|\|\||==|!=|!|\(|\)|'(?:[^']|'')*'|[A-Za-z_][\w.-]*)")


def interpolated(text: str, contexts: Contexts) -> str:
    """`text` with each `${{ … }}` in it replaced by its value."""
    return _EXPRESSION.sub(lambda found: _text(evaluate(found[1], contexts)), text)


def holds(condition: str, contexts: Contexts) -> bool:
    """Whether a step or a job with this `if` runs; without a status function it needs success so far."""
    inner = condition.strip().removeprefix("${{").removesuffix("}}").strip() or "success()"
    if not re.search(r"\b(always|success|failure|cancelled)\(\)", inner):
        inner = f"success() && ({inner})"
    return bool(evaluate(inner, contexts))


def evaluate(source: str, contexts: Contexts) -> Value:
    """The value of one expression. Raises AssertionError where it is none that is known here."""
    tokens = _TOKEN.findall(source)
    assert "".join(tokens) == re.sub(r"\s+(?=(?:[^']*'[^']*')*[^']*$)", "", source), f"not an expression: {source!r}"
    value = _either(tokens, contexts)
    assert not tokens, f"not understood: {source!r}, from {tokens[0]!r} on"
    return value


def _either(tokens: list[str], contexts: Contexts) -> Value:
    value = _both(tokens, contexts)
    while _took(tokens, "||"):
        other = _both(tokens, contexts)
        value = value or other
    return value


def _both(tokens: list[str], contexts: Contexts) -> Value:
    value = _equal(tokens, contexts)
    while _took(tokens, "&&"):
        other = _equal(tokens, contexts)
        value = value and other
    return value


def _equal(tokens: list[str], contexts: Contexts) -> Value:
    value = _one(tokens, contexts)
    for sign in ("==", "!="):
        if _took(tokens, sign):
            # GitHub compares strings without regard to case.
            same = _text(value).lower() == _text(_one(tokens, contexts)).lower()
            return same == (sign == "==")
    return value


def _one(tokens: list[str], contexts: Contexts) -> Value:
    token = tokens.pop(0)
    if token == "!":
        return not _one(tokens, contexts)
    if token == "(":
        value = _either(tokens, contexts)
        assert _took(tokens, ")")
        return value
    if token.startswith("'"):
        return token[1:-1].replace("''", "'")
    if _took(tokens, "("):
        assert _took(tokens, ")"), f"{token}() takes nothing here"
        return _status(token, contexts)
    return _named(token, contexts)


def _took(tokens: list[str], sign: str) -> bool:
    if tokens[:1] != [sign]:
        return False
    tokens.pop(0)
    return True


def _status(function: str, contexts: Contexts) -> bool:
    known = {
        "always": True,
        "cancelled": False,
        "success": not contexts.get("failed"),
        "failure": bool(contexts.get("failed")),
    }
    return known[function]


def _named(path: str, contexts: Contexts) -> Value:
    context, *keys = path.split(".")
    assert context in contexts, f"there is no context {context} here"
    value: object = contexts[context]
    for key in keys:
        value = value.get(key, "") if isinstance(value, Mapping) else ""
    match value:
        case str() | bool():
            return value
        case _:
            raise AssertionError(f"{path} is no text: {value!r}")


def _text(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case _:
            assert_never(value)
