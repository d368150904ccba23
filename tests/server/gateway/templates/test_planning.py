"""Plans: whose providers, with which parameters, and what of production they never show."""

from __future__ import annotations

import pytest
from tests.server.gateway.templates.acting import (
    ADMIN,
    APPROVER,
    COLLEAGUE,
    DEV,
    EVERYBODY,
    QUERY,
    STRANGER,
    SUBSET,
    Acting,
    problems,
    who,
)

from hotfixture.errors import InputError
from hotfixture.server.gateway.actors import Actor
from hotfixture.server.gateway.templates import planning, revisions
from hotfixture.wire.templates import PlanTold

PREPARED = """\
templateName: {name}
parameters: {{least: {{type: integer, default: 10}}, states: {{type: 'list[text]', default: 'new,odd'}}}}
prepare:
- {{setVar: mails, provider: SHOP, query: "SELECT email FROM customers WHERE id >= ${{least}} - 10"}}
- {{setVar: ids, provider: SHOP, query: "SELECT id FROM orders WHERE total > ${{least}}"}}
exports:
  mails: {{provider: SHOP, query: "SELECT id, email FROM customers
    WHERE (email IN (${{mails}}) OR status IN (${{states}})) AND id NOT IN (0, ${{ids}})"}}
  orders:
    type: subset
    provider: SHOP
    root: orders
    where: customer_id IN (SELECT id FROM customers WHERE email IN (${{mails}}))
    include: {{}}
"""


def plan_of(acting: Acting, name: str, actor: Actor = ADMIN, **body: object) -> dict[str, object]:
    """The plan that somebody is shown."""
    answer = acting.ask(actor, "POST", f"templates/{name}/plan", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def test_a_plan_shows_sql_masks_lineage_and_estimates(shopping: Acting) -> None:
    shopping.create("a", form=SUBSET.replace("  customers:\n", "  mails: {{provider: SHOP, table: m, query: "
                    "'SELECT lower(status) AS s, email AS mail FROM customers'}}\n  customers:\n"))  # fmt: skip
    assert shopping.approve("a").status_code == 201
    found = plan_of(shopping, "a", DEV, parameters={"least": "7"})
    assert (found["template"], found["revision"], found["parameters"]) == ("a", 1, {"least": 7})
    mails, customers = found["exports"]  # type: ignore[misc]  # a list
    assert "FROM" in mails["sql"]
    columns = {one["name"]: one for one in mails["tables"][0]["columns"]}
    assert columns["mail"]["mask"] == "internet.email"
    assert columns["mail"]["why"] == "rule masking.yaml:4:5"
    assert columns["mail"]["comes_from"] == ["customers.email"]
    assert (columns["s"]["mask"], columns["s"]["comes_from"]) == (None, ["customers.status"])
    assert mails["tables"][0]["rows"] is not None
    assert [table["table"] for table in customers["tables"]] == ["customers", "orders"]
    assert customers["tables"][1]["columns"][0]["comes_from"] == ["orders.id"]
    assert customers["steps"][0] == "from customers"
    assert customers["steps"][1].endswith(" where total >= 7"), customers["steps"]
    assert ("template.planned", DEV.name, "a") in shopping.audited()


def test_what_preparations_find_is_shown_to_nobody(shopping: Acting) -> None:
    """They run, and stand in the SQL that will; in what is shown there is only how many they are."""
    shopping.create("a", form=PREPARED)
    for actor, prepared in ((DEV, False), (APPROVER, True)):
        answer = shopping.ask(actor, "POST", "templates/a/plan", json={})
        assert answer.status_code == 200, answer.text
        assert "firm.test" not in answer.text
        sql = answer.json()["exports"][0]["sql"]
        assert ("email IN (2 prepared values)" if prepared else "email IN (prepared values)") in sql
        assert "IN ('new', 'odd')" in sql
        assert any("no preparation ran" in said for said in answer.json()["warnings"]) is not prepared
    assert shopping.approve("a").status_code == 201
    assert "email IN (2 prepared values)" in str(plan_of(shopping, "a", DEV)["exports"])


def test_what_is_not_approved_tells_developers_nothing_of_production(shopping: Acting) -> None:
    """Else a template's text could ask questions that nobody has looked at, and read the answers off the counts."""
    shopping.create("a", form=PREPARED)
    shopping.create("b", form=QUERY.replace("FROM customers", "FROM customers WHERE email LIKE ${{like}}"))
    for name, guesses in (("a", [{"least": -1}, {"least": 1000}]), ("b", [{"like": "anna%"}, {"like": "nobody"}])):
        shown = [plan_of(shopping, name, DEV, parameters=guess)["exports"] for guess in guesses]
        tables = [[table for export in exports for table in export["tables"]] for exports in shown]  # type: ignore[attr-defined]  # a list
        assert tables[0] == tables[1]
        assert {table["rows"] for table in tables[0]} == {None}
    assert plan_of(shopping, "b", APPROVER, parameters={"like": "anna%"})["exports"][0]["tables"][0]["rows"] == 1  # type: ignore[index]  # as above


def test_missing_parameters_are_invented_and_named(shopping: Acting) -> None:
    form = (
        "templateName: {name}\nparameters: {{n: integer, day: {{type: date, min: 2020-01-01}}, p: date_range, "
        "t: timestamp, d: decimal, b: boolean, c: {{type: choice, choices: [x]}}, l: 'list[text]'}}\n"
        "exports: {{c: {{provider: SHOP, query: 'SELECT id FROM customers WHERE ${{n}} = 1 AND ${{day}} < ${{p.after}} "
        "AND ${{t}} <> 1 AND ${{d}} > 0 AND ${{b}} AND status IN (${{c}}, ${{l}})'}}}}\n"
    )
    shopping.create("a", form=form)
    assert plan_of(shopping, "a", parameters={"n": 3})["stand_ins"] == ["day", "p", "t", "d", "b", "c", "l"]
    undeclared = "SELECT id FROM orders WHERE total > ${{n}} AND id < ${{end_time}}"
    shopping.create("b", form=QUERY.replace("SELECT id, email FROM customers", undeclared))
    assert plan_of(shopping, "b")["stand_ins"] == ["n", "end_time"]
    wrong = shopping.ask(DEV, "POST", "templates/a/plan", json={"parameters": {"n": "many", "z": 1}})
    assert (wrong.status_code, len(problems(wrong))) == (400, 2)


def test_a_package_is_planned_with_what_was_given_alone(shopping: Acting) -> None:
    shopping.create("a", form=SUBSET.replace(", default: 0", ""))
    with shopping.state.read() as connection:
        template = revisions.find(connection, DEV, "a", "package.request")
        revision = revisions.revision(connection, template)
    with (
        pytest.raises(InputError, match="'least' is missing"),
        planning.planned(shopping.gateway, DEV, template, revision, {}),
    ):
        pass


@pytest.mark.parametrize("actor", EVERYBODY, ids=lambda actor: actor.name)
def test_who_may_plan(shopping: Acting, actor: Actor) -> None:
    shopping.create("a")
    answer = shopping.ask(actor, "POST", "templates/a/plan", json={})
    hidden = actor is STRANGER or actor.kind == "token"
    assert answer.status_code == (404 if hidden else 200), answer.text


def test_a_provider_must_be_granted_to_the_team_and_to_who_asks(shopping: Acting) -> None:
    shopping.create("a")
    shopping.ask(ADMIN, "PATCH", "templates/a", json={"shared": ["logistics"]})
    assert shopping.ask(DEV, "POST", "templates/a/plan", json={}).status_code == 200
    refused = shopping.ask(STRANGER, "POST", "templates/a/plan", json={})
    assert (refused.status_code, problems(refused)) == (403, ["no provider 'SHOP' is granted to team payments"])
    assert refused.json()["problems"][0]["line"] == 3
    url = shopping.gateway.settings.providers["SHOP"].url
    for teams, statuses in (((), (403, 403, 403)), (("logistics",), (403, 403, 403)), (("*",), (200, 200, 200)),
                            (("payments", "logistics"), (200, 200, 200))):  # fmt: skip
        shopping.provide(url, teams=teams)
        found = [
            shopping.ask(one, "POST", "templates/a/plan", json={}).status_code for one in (DEV, STRANGER, APPROVER)
        ]
        assert tuple(found) == statuses, teams


def test_a_provider_that_is_not_granted_answers_as_one_that_is_not_there(shopping: Acting) -> None:
    shopping.provide(shopping.gateway.settings.providers["SHOP"].url, "HIDDEN", teams=("logistics",))
    for name in ("HIDDEN", "NOWHERE"):
        shopping.create(name, form=QUERY.replace("SHOP", name))
        refused = shopping.ask(DEV, "POST", f"templates/{name}/plan", json={})
        assert problems(refused) == [f"no provider {name!r} is granted to team payments"]


def test_without_a_policy_file_nothing_leaves_undecided(shopping: Acting) -> None:
    shopping.settings(policy=None)
    shopping.create("a")
    refused = shopping.ask(ADMIN, "POST", "templates/a/plan", json={})
    assert refused.status_code == 403
    assert any("email" in message for message in problems(refused))
    form = QUERY + "masks: {{customers.email: email, customers.id: hash}}\n"
    shopping.create("b", form=form)
    assert shopping.ask(ADMIN, "POST", "templates/b/plan", json={}).status_code in (200, 400)


@pytest.mark.parametrize("file", ["policy", "masking_key"])
def test_a_fault_of_the_daemons_own_files_is_said_without_them(shopping: Acting, file: str) -> None:
    shopping.create("a")
    shopping.gateway.parts.clear()
    path = getattr(shopping.gateway.settings, file)
    path.write_text("rules: [{what: secret-5417}]" if file == "policy" else "5417", encoding="utf-8")
    answer = shopping.ask(DEV, "POST", "templates/a/plan", json={})
    assert answer.status_code == 500
    assert "its log says why" in answer.text
    assert "5417" not in answer.text


def test_a_database_that_refuses_the_text_is_no_fault_of_the_daemon(shopping: Acting) -> None:
    shopping.create("a", form="templateName: {name}\nexports: {{c: {{provider: SHOP, "
                    "query: 'SELECT id FROM customers WHERE substr(email, 1, 2, 3, 4) = ${{x}}'}}}}\n")  # fmt: skip
    answer = shopping.ask(DEV, "POST", "templates/a/plan", json={})
    assert answer.status_code == 422, answer.text
    assert "Invented values stood in for x" in answer.json()["problems"][0]["hint"]


def test_a_provider_that_is_away_is_said_to_be_busy(shopping: Acting) -> None:
    shopping.provide("postgresql://nobody@127.0.0.1:1/x")
    shopping.create("a")
    answer = shopping.ask(DEV, "POST", "templates/a/plan", json={})
    assert answer.status_code == 503
    assert answer.headers["retry-after"]


def test_a_plan_is_of_the_revision_asked_for(shopping: Acting) -> None:
    shopping.create("a")
    shopping.send(DEV, "PUT", "templates/a", QUERY.format(name="a").replace("id, email", "id"))
    found = [plan_of(shopping, "a", COLLEAGUE, revision=number) for number in (1, 2, 0)]
    assert [one["revision"] for one in found] == [1, 2, 2]
    assert "email" not in str(found[1]["exports"])
    assert shopping.ask(DEV, "POST", "templates/a/plan", json={"revision": 3}).status_code == 404
    assert PlanTold.__struct_fields__ == tuple(found[0])


def test_a_volume_must_be_granted_too(shopping: Acting) -> None:
    form = "templateName: {name}\nexports: {{f: {{type: files, volume: logs, path: '*.log', filter: 'mtime:7'}}}}\n"
    shopping.create("a", form=form)
    refused = shopping.ask(DEV, "POST", "templates/a/plan", json={})
    assert problems(refused) == ["no place is given for volume 'logs'"]
    from hotfixture.server.gateway.places import Place

    shopping.settings(volumes={"logs": Place("logs", str(shopping.folder), teams=("payments",))})
    shown = plan_of(shopping, "a", DEV)["exports"][0]  # type: ignore[index]  # a list
    assert (shown["volume"], shown["paths"], shown["filter"]) == ("logs", ["*.log"], ["mtime:7"])
    assert shopping.ask(who("x@x", "approver", teams=()), "POST", "templates/a/plan", json={}).status_code == 200
