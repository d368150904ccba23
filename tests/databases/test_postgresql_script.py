"""Scripts are cut into statements and COPY blocks at the right places."""

from __future__ import annotations

import pytest

from hotfixture.databases.postgresql_script import Copy, parts
from hotfixture.errors import DatabaseError


def test_semicolons_inside_quotes_comments_and_bodies_end_nothing() -> None:
    statements = "SELECT ';''', \";\"\"\" -- ; '\n;\nDO $hotfixture$ BEGIN x; '; END $hotfixture$;\n"
    assert list(parts(statements.encode())) == [statements]


def test_a_copy_block_goes_where_its_quoted_names_say() -> None:
    head = b"-- it's\n\\set ON_ERROR_STOP on\nSET a = 1;\n"
    script = head + b'COPY "s ""x"."t" ("a", "b"", ""c") FROM stdin;\n1\t\\\\.\n\\N\t;\n\\.\nCOMMIT;\n'
    before, block, after = parts(script)
    assert isinstance(block, Copy)
    assert (before, after) == ("-- it's\nSET a = 1;\n", "COMMIT;\n")
    assert (block.schema, block.table, block.columns) == ('s "x', "t", ("a", 'b", "c'))
    assert script[block.start : block.end] == b"1\t\\\\.\n\\N\t;\n"


def test_an_empty_block_has_no_rows() -> None:
    (block,) = parts(b'COPY "t" ("a") FROM stdin;\n\\.\n')
    assert isinstance(block, Copy)
    assert block.start == block.end


@pytest.mark.parametrize("script", [b"SELECT 1", b'COPY "t" ("a") FROM stdin;\n1\n', b"SELECT 'x"])
def test_a_script_that_was_cut_off_is_refused(script: bytes) -> None:
    with pytest.raises(DatabaseError, match="middle"):
        list(parts(script))
