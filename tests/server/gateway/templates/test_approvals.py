"""Approvals: who gives them, of what, and what takes them back."""

from __future__ import annotations

import pytest
from tests.server.gateway.templates.acting import (
    ADMIN,
    APPROVER,
    AUTHOR,
    CI,
    DEV,
    EVERYBODY,
    POLICY,
    QUERY,
    SECOND,
    SUBSET,
    Acting,
    problems,
    shop,
    who,
)

from hotfixture.errors import RefusedError
from hotfixture.server.gateway.templates import approvals, planning, revisions
from hotfixture.server.problems import HTTPError


def test_a_new_template_needs_approval_and_an_approver_gives_it(shopping: Acting) -> None:
    shopping.create("a")
    assert shopping.approval("a") == ("needs approval", ["nobody has approved revision 1 yet"])
    answer = shopping.approve("a", message="looked at")
    assert answer.status_code == 201, answer.text
    assert (answer.json()["approver"], answer.json()["message"]) == (APPROVER.name, "looked at")
    assert shopping.approval("a") == ("approved", [])
    assert shopping.show("a")["served"] == 1
    assert ("approval.given", APPROVER.name, "a") in shopping.audited()
