"""Numbers of large objects are told from other numbers of the system."""

from __future__ import annotations

from pathlib import Path

from tests.servers import rows

import hotfixture
from hotfixture.databases import open_database

TABLES = (
    'CREATE TABLE "Scans" (id int PRIMARY KEY, "Picture" oid, owner oid, note text); '
    "CREATE DOMAIN lo AS oid; CREATE TABLE empty (id int PRIMARY KEY, o lo)"
)


def _pointing(url: str) -> dict[str, str]:
    with open_database(url) as database:
        return {
            f"{table.name.name}.{column.name}": column.points_at
            for table in database.inspect()
            for column in table.columns
            if column.points_at
        }


def test_a_column_points_at_large_objects_if_a_value_is_the_number_of_one(postgresql_url: str) -> None:
    rows(postgresql_url, TABLES)
    assert _pointing(postgresql_url) == {}
    rows(postgresql_url, "INSERT INTO \"Scans\" VALUES (1, lo_from_bytea(0, 'png'), 10), (2, NULL, 10)")
    rows(postgresql_url, "INSERT INTO empty VALUES (1, 4000000000)")
    assert _pointing(postgresql_url) == {"Scans.Picture": "large objects"}
    plain = hotfixture.inspect(postgresql_url).plain()
    (told,) = [column for table in plain["tables"] for column in table["columns"] if "points_at" in column]
    assert told["name"] == "Picture"


def test_a_plan_warns_of_large_objects_that_stay_unless_a_mask_empties_the_column(
    postgresql_url: str, tmp_path: Path
) -> None:
    rows(postgresql_url, TABLES)
    rows(postgresql_url, "INSERT INTO \"Scans\" VALUES (1, lo_from_bytea(0, 'png'), 10)")
    path = tmp_path / "t.yaml"
    exports = "templateName: t\nexports: {s: {type: subset, provider: P, root: Scans}}\n"
    for masks, warned in (("", True), ('masks: {Scans.Picture: "null"}\n', False)):
        path.write_text(exports + masks)
        warnings = hotfixture.plan(path, providers={"P": postgresql_url}, key=bytes(range(32))).warnings
        assert any("Scans.Picture holds numbers of large objects" in str(one) for one in warnings) == warned
