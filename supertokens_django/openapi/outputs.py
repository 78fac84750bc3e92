"""Answers as the document groups them: by HTTP status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from supertokens_django.http.openapi import (
    BAD_INPUT,
    GENERAL_ERROR,
    LIMITS_UNAVAILABLE,
    RETRY_AFTER,
    TOO_MANY_REQUESTS,
    Answer,
    Operation,
)
from supertokens_django.limits.plans import plan_of
from supertokens_django.limits.stage import settings
from supertokens_django.openapi.parts import Parts


def responses_of(operation: Operation, parts: Parts) -> dict[str, Any]:
    """The responses of an operation by HTTP status; one for all where nothing is known of them."""
    if not operation.answers:
        return {"default": {"description": "Not described."}}
    by_status: dict[str, list[Answer]] = {}
    for answer in (*operation.answers, *shared_answers(operation.endpoint)):
        by_status.setdefault("default" if answer.is_free else str(answer.http_status), []).append(answer)
    found = {status: response_of(answers, parts) for status, answers in sorted(by_status.items())}
    if operation.bad_input and "content" in (refused := found[str(BAD_INPUT.http_status)]):
        examples = {text: {"value": {"message": text}} for text in operation.bad_input}
        refused["content"]["application/json"]["examples"] = examples
    return found


def shared_answers(endpoint: str) -> list[Answer]:
    """What an endpoint answers because of what stands before it: guards, and rate limits where it has some."""
    if plan_of(endpoint) is None:
        return [GENERAL_ERROR, BAD_INPUT]
    limited = replace(GENERAL_ERROR, headers={"Retry-After": RETRY_AFTER})
    return [limited, BAD_INPUT, TOO_MANY_REQUESTS, *([] if settings().fail_open else [LIMITS_UNAVAILABLE])]


def response_of(answers: Sequence[Answer], parts: Parts) -> dict[str, Any]:
    """One response that is one of ``answers``."""
    found: dict[str, Any] = {"description": _description(answers)}
    headers = {name: part for answer in answers for name, part in answer.headers.items()}
    if headers:
        found["headers"] = parts.put(headers)
    if any(answer.is_empty for answer in answers):
        found["content"] = {"text/html": {"schema": {"type": "string", "maxLength": 0}}}
    elif not any(answer.is_free for answer in answers):
        found["content"] = {"application/json": {"schema": _schema(answers, parts)}}
    return found


def _description(answers: Sequence[Answer]) -> str:
    if len(answers) == 1:
        return answers[0].description
    return "\n".join(f"- `{answer.status or answer.name}`: {answer.description}" for answer in answers)


def _schema(answers: Sequence[Answer], parts: Parts) -> dict[str, Any]:
    references = [parts.put(answer.body) for answer in answers]
    if len(references) == 1:
        return dict(references[0])
    if not all(answer.status for answer in answers):
        return {"anyOf": references}
    mapping = {
        answer.status: reference["$ref"] for answer, reference in zip(answers, references, strict=True)
    }
    return {"oneOf": references, "discriminator": {"propertyName": "status", "mapping": mapping}}
