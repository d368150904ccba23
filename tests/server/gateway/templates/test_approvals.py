"""Approvals: who gives them, of what, and what takes them back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
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
from hotfixture.server.gateway.actors import Actor
from hotfixture.server.gateway.audits import chain
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


def test_approver_and_approval_are_told_apart_from_the_author(shopping: Acting) -> None:
    """Nobody approves what they wrote, whatever roles they have."""
    for actor in (SECOND, ADMIN, who("both@x", "developer", "approver")):
        name = actor.name.partition("@")[0]
        shopping.create(name, actor)
        refused = shopping.approve(name, actor=actor)
        assert refused.status_code == 403, refused.text
        assert ("approval.refused", actor.name, name) in shopping.audited()
        assert shopping.approval(name)[0] == "needs approval"
    assert shopping.approve("second").status_code == 201


@pytest.mark.parametrize("actor", EVERYBODY, ids=lambda actor: actor.name)
def test_only_persons_with_the_role_approve(shopping: Acting, actor: object) -> None:
    shopping.create("ci-a", who("writer@x"))
    answer = shopping.approve("ci-a", actor=actor)  # type: ignore[arg-type]  # pytest gives an object
    allowed = actor in (APPROVER, SECOND, ADMIN)
    assert (answer.status_code == 201) is allowed, answer.text
    assert (shopping.approval("ci-a")[0] == "approved") is allowed


def test_a_service_token_with_the_role_of_an_approver_approves_nothing(shopping: Acting) -> None:
    shopping.create("ci-a")
    token = who("token:x", "approver", "admin", kind="token")
    assert shopping.approve("ci-a", actor=token).status_code == 403
    with pytest.raises(HTTPError, match="not among what"):
        approvals.approve(shopping.gateway, token, "ci-a", 1, digest="")


def test_an_approval_is_of_the_text_that_was_looked_at(shopping: Acting) -> None:
    shopping.create("a")
    answer = shopping.ask(APPROVER, "POST", "templates/a/revisions/1/approval", json={"digest": "0" * 64})
    assert answer.status_code == 409
    assert shopping.approval("a")[0] == "needs approval"


def test_a_newer_revision_needs_approval_while_the_approved_one_is_served(shopping: Acting) -> None:
    shopping.create("a")
    assert shopping.approve("a").status_code == 201
    text = QUERY.format(name="a") + "description: more\n"
    assert shopping.send(DEV, "PUT", "templates/a", text).status_code == 200
    assert shopping.approval("a") == ("needs approval", ["revision 2 is newer than the approved 1"])
    assert shopping.show("a")["served"] == 1
    chosen = approvals.check(shopping.gateway, DEV, "a")
    assert (chosen.revision.number, chosen.approval.state) == (1, "approved")
    with pytest.raises(HTTPError, match="newer than the approved 1") as refused:
        approvals.check(shopping.gateway, DEV, "a", 2)
    assert refused.value.status == 409
    assert shopping.approve("a", 2).status_code == 201
    assert approvals.check(shopping.gateway, DEV, "a").revision.number == 2


def test_an_approval_is_of_a_digest_so_a_text_that_comes_back_is_approved(shopping: Acting) -> None:
    shopping.create("a")
    shopping.approve("a")
    first = QUERY.format(name="a")
    for text in (f"{first}description: x\n", first):
        assert shopping.send(DEV, "PUT", "templates/a", text).status_code == 200
    assert shopping.show("a")["revision"] == 3
    assert shopping.approval("a") == ("approved", [])


def test_a_text_that_its_approver_brings_back_is_not_approved_by_themselves(shopping: Acting) -> None:
    shopping.create("a")
    assert shopping.approve("a", actor=SECOND).status_code == 201
    first = QUERY.format(name="a")
    shopping.send(DEV, "PUT", "templates/a", f"{first}description: x\n")
    assert shopping.send(SECOND, "PUT", "templates/a", first).status_code == 200
    state, reasons = shopping.approval("a")
    assert state == "needs approval"
    assert reasons == [f"{SECOND.name} wrote revision 3: somebody else must approve it"]


def test_an_approval_expires_and_its_length_is_bounded(shopping: Acting) -> None:
    shopping.create("a")
    assert shopping.approve("a", ttl="91d").status_code == 400
    assert shopping.approve("a", ttl="soon").status_code == 400
    assert shopping.approve("a", ttl="0").status_code == 400
    assert shopping.approve("a", ttl="1ms").status_code == 201
    state, reasons = shopping.approval("a")
    assert state == "needs approval"
    assert reasons[0].startswith(f"the approval by {APPROVER.name} expired on 20")


def test_a_revoked_approval_holds_no_longer(shopping: Acting) -> None:
    shopping.create("a")
    shopping.approve("a")
    assert shopping.ask(DEV, "DELETE", "templates/a/revisions/1/approval").status_code == 403
    assert shopping.ask(SECOND, "DELETE", "templates/a/revisions/1/approval?message=no").status_code == 204
    state, reasons = shopping.approval("a")
    assert (state, reasons[0].split(" on ")[0]) == ("needs approval", f"{SECOND.name} took the approval back")
    assert shopping.ask(SECOND, "DELETE", "templates/a/revisions/1/approval").status_code == 404
    assert ("approval.revoked", SECOND.name, "a") in shopping.audited()


def test_another_policy_takes_every_approval_back_and_the_old_one_gives_them_again(shopping: Acting) -> None:
    shopping.create("a")
    shopping.approve("a")
    shopping.policy.write_text(POLICY + "# a thought\n", encoding="utf-8")
    state, reasons = shopping.approval("a")
    assert state == "needs approval"
    assert reasons[0].startswith("the policy changed on 20")
    with pytest.raises(HTTPError, match="the policy changed"):
        approvals.check(shopping.gateway, DEV, "a")
    shopping.policy.write_text(POLICY, encoding="utf-8")
    assert shopping.approval("a") == ("approved", [])
    assert [kind for kind, _, _ in shopping.audited("policy.")] == ["policy.changed"] * 3


def test_with_approval_off_the_newest_is_served_and_the_state_says_so(shopping: Acting) -> None:
    shopping.settings(approval="off")
    shopping.create("a")
    shopping.send(DEV, "PUT", "templates/a", QUERY.format(name="a") + "description: x\n")
    assert shopping.approval("a") == ("off", ["approval is off"])
    chosen = approvals.check(shopping.gateway, DEV, "a")
    assert chosen.revision.number == 2
    with planning.planned(shopping.gateway, DEV, chosen.template, chosen.revision, {}) as made:
        assert approvals.require(shopping.gateway, DEV, "a", 2, made.plan).state == "off"


def test_check_tells_nothing_to_who_may_not_see_it(shopping: Acting) -> None:
    shopping.create("a")
    shopping.approve("a")
    for actor in (who("x@x", teams=("logistics",)), CI):
        with pytest.raises(HTTPError) as refused:
            approvals.check(shopping.gateway, actor, "a")
        assert (refused.value.status, str(refused.value)) == (404, "there is no such thing here")


def test_a_refused_package_is_audited(shopping: Acting) -> None:
    shopping.create("a")
    with pytest.raises(HTTPError, match="nobody has approved revision 1 yet"):
        approvals.check(shopping.gateway, DEV, "a")
    assert ("approval.refused", DEV.name, "a") in shopping.audited()


def test_a_column_that_is_new_in_a_subset_needs_approval_when_it_is_built(shopping: Acting) -> None:
    """The request cannot know; the worker finds out, refuses, and from then on the state says why."""
    shopping.create("a", form=SUBSET)
    assert shopping.approve("a").status_code == 201
    with shop(shopping.folder, "ALTER TABLE orders ADD COLUMN iban TEXT"):
        pass
    chosen = approvals.check(shopping.gateway, DEV, "a")
    with (
        planning.planned(shopping.gateway, DEV, chosen.template, chosen.revision, {}) as made,
        pytest.raises(RefusedError, match=r"column orders\.iban is new in what it reads"),
    ):
        approvals.require(shopping.gateway, DEV, "a", 1, made.plan)
    assert shopping.approval("a") == ("needs approval", ["column orders.iban is new in what it reads"])
    with pytest.raises(HTTPError, match=r"orders\.iban"):
        approvals.check(shopping.gateway, DEV, "a")
    assert shopping.approve("a").status_code == 201
    assert shopping.approval("a") == ("approved", [])


def test_a_drift_that_goes_away_gives_the_approval_back(shopping: Acting) -> None:
    shopping.create("a", form=SUBSET)
    shopping.approve("a")
    with shop(shopping.folder, "ALTER TABLE orders ADD COLUMN iban TEXT"):
        pass
    assert shopping.ask(DEV, "POST", "templates/a/plan", json={}).json()["approval"]["state"] == "needs approval"
    with shop(shopping.folder, "ALTER TABLE orders DROP COLUMN iban"):
        pass
    assert shopping.ask(DEV, "POST", "templates/a/plan", json={}).json()["approval"]["state"] == "approved"
    assert [kind for kind, _, _ in shopping.audited("approval.drifted")] == ["approval.drifted"] * 2


def test_a_plan_of_another_text_is_refused(shopping: Acting) -> None:
    shopping.create("a")
    shopping.approve("a")
    shopping.send(DEV, "PUT", "templates/a", QUERY.format(name="a") + "description: x\n")
    chosen = approvals.check(shopping.gateway, DEV, "a")
    with (
        planning.planned(shopping.gateway, DEV, chosen.template, chosen.revision, {}) as made,
        pytest.raises(RefusedError, match="not of revision 2"),
    ):
        approvals.require(shopping.gateway, DEV, "a", 2, made.plan)


def test_what_is_deleted_meanwhile_is_not_built(shopping: Acting) -> None:
    shopping.create("a")
    shopping.approve("a")
    chosen = approvals.check(shopping.gateway, DEV, "a")
    with planning.planned(shopping.gateway, DEV, chosen.template, chosen.revision, {}) as made:
        assert shopping.ask(DEV, "DELETE", "templates/a").status_code == 204
        with pytest.raises(HTTPError, match="no such thing"):
            approvals.require(shopping.gateway, DEV, "a", 1, made.plan)


def test_an_approval_that_cannot_be_planned_is_not_given(shopping: Acting) -> None:
    shopping.create("a", form=QUERY.replace("customers", "nowhere"))
    answer = shopping.approve("a")
    assert answer.status_code in (400, 403, 422), answer.text
    assert any("nowhere" in message for message in problems(answer))
    assert shopping.approval("a")[0] == "needs approval"


def test_required_parameters_are_invented_for_the_plan_of_an_approval(shopping: Acting) -> None:
    form = (
        "templateName: {name}\nparameters:\n  state: {{type: choice, choices: [new, old]}}\n"
        "  mail: {{type: text, pattern: '[a-z]+@x', min: 5}}\n  ids: {{type: 'list[integer]', min_items: 2}}\n"
        "exports:\n  c: {{provider: SHOP, query: 'SELECT id FROM customers WHERE status = ${{state}} "
        "AND email <> ${{mail}} AND id IN (${{ids}})'}}\n"
    )
    shopping.create("a", form=form)
    assert shopping.approve("a").status_code == 201
    assert AUTHOR.name not in shopping.show("a")["approval"]["approver"]


def test_the_store_keeps_what_was_approved_after_revisions_are_asked_for_again(shopping: Acting) -> None:
    """The history says of every revision whether it is approved."""
    shopping.create("a")
    shopping.approve("a")
    shopping.send(DEV, "PUT", "templates/a", QUERY.format(name="a") + "description: x\n")
    found = shopping.ask(DEV, "GET", "templates/a/revisions").json()
    assert [(one["number"], one["approval"]["state"]) for one in found] == [(2, "needs approval"), (1, "approved")]
    assert revisions.digest_of(QUERY.format(name="a")) == found[1]["digest"]


ACTORS = (DEV, AUTHOR, SECOND, APPROVER, ADMIN)
STEPS = st.one_of(
    st.tuples(st.just("write"), st.sampled_from([DEV, AUTHOR, SECOND, ADMIN]), st.integers(0, 2)),
    st.tuples(st.just("approve"), st.sampled_from(ACTORS), st.integers(1, 4)),
    st.tuples(st.just("revoke"), st.sampled_from(ACTORS), st.integers(1, 4)),
    st.tuples(st.just("policy"), st.just(ADMIN), st.integers(0, 1)),
)


@dataclass
class Expected:
    """What the rules say of one template: who wrote which text, and the approvals that stand."""

    written: list[tuple[str, int]]
    given: set[tuple[int, str, int]]
    """Text, approver, policy."""
    policy: int = 0

    def approved(self, number: int) -> bool:
        """Whether somebody else than the revision's author approved its text under the policy of now."""
        author, text = self.written[number - 1]
        return any((text, self.policy) == (t, p) and who != author for t, who, p in self.given)

    def served(self) -> int | None:
        """The newest approved revision."""
        return next((n for n in range(len(self.written), 0, -1) if self.approved(n)), None)


@given(st.lists(STEPS, min_size=3, max_size=9))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_an_approval_is_somebody_elses_for_this_text_under_this_policy(
    shopping: Acting, steps: list[tuple[str, Actor, int]]
) -> None:
    name = f"t{len(shopping.audited())}"
    texts = [QUERY.format(name=name) + f"description: d{number}\n" for number in range(3)]
    shopping.policy.write_text(f"{POLICY}# 0\n", encoding="utf-8")
    shopping.send(DEV, "POST", "templates?team=payments", texts[0])
    model = Expected([(DEV.name, 0)], set())
    for step, actor, number in steps:
        if step == "write":
            assert shopping.send(actor, "PUT", f"templates/{name}", texts[number]).status_code == 200
            if number != model.written[-1][1]:
                model.written.append((actor.name, number))
        elif step == "policy":
            shopping.policy.write_text(f"{POLICY}# {number}\n", encoding="utf-8")
            model.policy = number
        elif number <= len(model.written):
            author, text = model.written[number - 1]
            may = "approver" in actor.roles or "admin" in actor.roles
            if step == "approve":
                allowed = may and actor.name != author
                assert (shopping.approve(name, number, actor).status_code == 201) is allowed
                model.given |= {(text, actor.name, model.policy)} if allowed else set()
            else:
                known = any(t == text for t, _, _ in model.given)
                gone = shopping.ask(actor, "DELETE", f"templates/{name}/revisions/{number}/approval")
                assert gone.status_code == ((204 if known else 404) if may else 403)
                model.given = {one for one in model.given if one[0] != text} if may else model.given
        found = shopping.ask(ADMIN, "GET", f"templates/{name}/revisions").json()
        states = {one["number"]: one["approval"]["state"] == "approved" for one in found}
        assert states == {n: model.approved(n) for n in range(1, len(model.written) + 1)}
        assert shopping.show(name)["served"] == model.served()


def test_an_approval_is_of_the_plan_that_was_looked_at(shopping: Acting) -> None:
    """What changes between the look and the approval is not approved unseen."""
    shopping.create("a", form=SUBSET)
    seen = shopping.ask(APPROVER, "POST", "templates/a/plan", json={}).json()["seen"]
    with shop(shopping.folder, "ALTER TABLE orders ADD COLUMN iban TEXT"):
        pass
    assert shopping.approve("a", seen=seen).status_code == 409
    seen = shopping.ask(APPROVER, "POST", "templates/a/plan", json={"parameters": {"least": 3}}).json()["seen"]
    shopping.policy.write_text(POLICY + "# more\n", encoding="utf-8")
    assert shopping.approve("a", seen=seen).status_code == 409
    assert shopping.approval("a")[0] == "needs approval"
    seen = shopping.ask(APPROVER, "POST", "templates/a/plan", json={}).json()["seen"]
    assert shopping.approve("a", seen=seen).status_code == 201


def test_the_road_of_a_template_is_the_same_on_each_store(anywhere: Acting, tmp_path: Path) -> None:
    """Created, approved, revised, drifted, revoked: in SQLite and in PostgreSQL."""
    acting = anywhere
    with shop(tmp_path):
        pass
    acting.provide(f"sqlite:///{tmp_path / 'shop.db'}")
    acting.create("a", form=SUBSET)
    assert acting.approve("a", message="looked at").status_code == 201
    assert (
        acting.ask(AUTHOR, "PATCH", "templates/a", json={"defaults": {"least": 7}, "shared": ["*"]}).status_code == 200
    )
    assert approvals.check(acting.gateway, DEV, "a").revision.number == 1
    with shop(tmp_path, "ALTER TABLE orders ADD COLUMN iban TEXT"):
        pass
    planned = acting.ask(DEV, "POST", "templates/a/plan", json={"revision": 1}).json()
    assert planned["approval"]["reasons"] == ["column orders.iban is new in what it reads"]
    assert acting.approve("a", 2).status_code == 201
    assert acting.ask(APPROVER, "POST", "templates/a/sample", json={}).status_code == 200
    assert acting.ask(ADMIN, "DELETE", "templates/a/revisions/2/approval").status_code == 204
    with pytest.raises(HTTPError, match="took the approval back"):
        approvals.check(acting.gateway, DEV, "a")
    assert [one["name"] for one in acting.ask(DEV, "GET", "templates?state=needs+approval").json()["items"]] == ["a"]
    kinds = [event.kind for event in chain.events(acting.state)]
    assert kinds == [
        "policy.changed", "template.created", "approval.given", "template.shared", "template.revised",
        "template.planned", "approval.drifted", "approval.given", "template.sampled", "approval.revoked",
        "approval.refused",
    ]  # fmt: skip
