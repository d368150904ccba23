"""The command mockcraft: names, forms, seeds, errors, streams."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bundles import bundled, by_beginning

from hotfixture import generators
from hotfixture.cli import output
from hotfixture.cli.mockcraft import _FEW, LATER, mockcraft
from hotfixture.files.plain import plain_text

GOLDEN = Path(__file__).parent / "golden"
PROGRAM = "import sys; from hotfixture.cli.mockcraft import main; main()"


def run(*arguments: str) -> int:
    return output.run(mockcraft, arguments)


@pytest.fixture
def said(capfd):
    """What a command line prints, its exit code asserted to be 0."""

    def said(*arguments: str) -> str:
        assert run(*arguments) == 0
        shown = capfd.readouterr()
        assert shown.err == ""
        return shown.out

    return said


def process(*arguments: str, program: str = PROGRAM) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8")


@pytest.mark.parametrize("command", ["", "generate", "generators", *LATER])
def test_the_help_is_the_committed_one(command, said, monkeypatch):
    """Set HFIT_WRITE_GOLDEN=1 to write it anew."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERMINAL_WIDTH", "100")
    shown = said(*filter(None, [command]), "--help")
    file = GOLDEN / f"mockcraft{'_' if command else ''}{command}.txt"
    if os.environ.get("HFIT_WRITE_GOLDEN"):
        file.write_text(shown, encoding="utf-8")
    assert shown == file.read_text(encoding="utf-8")


def test_the_version_is_the_package_s(said):
    import hotfixture

    assert said("--version") == f"mockcraft {hotfixture.__version__}\n"


@pytest.mark.parametrize("name", ["firstname", "first_name", "firstName", "people.first_name", "FIRST-NAME"])
def test_a_type_is_found_under_every_tolerated_spelling(name, said):
    assert said("generate", name, "--seed=3") == said("generate", "people.first_name", "--seed=3")


def test_a_wrong_type_exits_with_2_and_one_line_that_suggests_the_right_one(capfd):
    assert run("generate", "frstname") == 2
    shown = capfd.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    assert "first_name" in shown.err


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["integer", "--low=x"], "low=x"),
        (["integer", "--low=5", "--high=4"], "low=5"),
        (["integer", "--lo=5"], "'lo'"),
        (["integer", "--low"], "--low"),
        (["integer", "--low=1", "--low=2"], "twice"),
        (["integer", "7"], "'7'"),
        (["integer", "--locale=de"], "locale"),
        (["first_name", "--locale=xx"], "locale=xx"),
        (["integer", "--count=-1"], "count"),
        (["uuid", "--version=5"], "version=5"),
        ([], "TYPE"),
    ],
)
def test_a_wrong_option_exits_with_2_and_says_which(arguments, word, capfd):
    assert run("generate", *arguments) == 2
    shown = capfd.readouterr()
    assert shown.out == ""
    assert word in shown.err
    assert "Traceback" not in shown.err


WORDS = st.sampled_from(
    ["", "0", "-1", "7", "1e400", "nan", "9223372036854775808", "a,b", "0,0", "2024-01-01", "9999-12-31T23:59:59",
     "0001-01-01", "true", "Asia/Tokyo", "utc", "日本", "[", "(a|b)*", "\0", "EUR", "de"],
) | st.text(max_size=5)  # fmt: skip


@settings(deadline=None)
@given(st.data())
def test_no_option_whatever_it_says_is_an_internal_error(data):
    """A wrong one is refused with 2, one that asks for too much with 1."""
    made = generators.find(data.draw(st.sampled_from(sorted(generators.TABLE))))
    given_options = data.draw(
        st.lists(st.sampled_from([option.name for option in made.options] or ["none"]), unique=True)
    )
    options = [f"--{name}={data.draw(WORDS)}" for name in given_options]
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = run(
            "generate", made.name, f"--count={data.draw(st.sampled_from([1, 3, _FEW + 1]))}", "--seed=1", *options
        )
    assert code in (0, 1, 2), said.getvalue()
    assert "internal" not in said.getvalue() or code == 0


def test_options_are_given_with_or_without_an_equals_sign_and_may_be_negative(said):
    assert said("generate", "integer", "--low", "-7", "--high=-7") == "-7\n"
    assert said("generate", "integer", "--low=-7", "--high", "-7", "--count", "2") == "-7\n-7\n"


def test_the_same_seed_prints_the_same_bytes_and_another_one_others(said):
    first, again, other = (said("generate", "uuid", "--count=50", f"--seed={seed}") for seed in (8, 8, 9))
    assert first == again
    assert first != other


def test_without_a_seed_every_run_is_fresh(said):
    assert said("generate", "uuid") != said("generate", "uuid")


@bundled("name", bundles=by_beginning([(name, (name,)) for name in sorted(generators.TABLE)], "."))
def test_few_values_in_plain_python_are_the_beginning_of_many_in_arrow(name, said):
    for form in ("text", "csv"):
        few = said("generate", name, "--seed=4", f"--format={form}", "--count=20")
        many = said("generate", name, "--seed=4", f"--format={form}", f"--count={_FEW + 1}")
        assert many.startswith(few)
        assert len(many.splitlines()) > len(few.splitlines()) >= 20
    few = json.loads(said("generate", name, "--seed=4", "--format=json", "--count=20"))
    assert json.loads(said("generate", name, "--seed=4", "--format=json", f"--count={_FEW + 1}"))[:20] == few


@pytest.mark.parametrize("count", [2, _FEW + 1])
@pytest.mark.parametrize("name", ["uuid", "timestamp", "amount", "interval", "boolean"])
def test_json_is_a_list_of_the_values(name, count, said):
    read = json.loads(said("generate", name, f"--count={count}", "--seed=1", "--format=json"))
    assert len(read) == count
    texts = said("generate", name, f"--count={count}", "--seed=1").splitlines()
    assert [plain_text(value) for value in read] == texts


def test_json_of_one_value_is_the_value_and_of_none_the_empty_list(said):
    assert isinstance(json.loads(said("generate", "integer", "--format=json")), int)
    assert json.loads(said("generate", "integer", "--format=json", "--count=0")) == []


@pytest.mark.parametrize("count", [1, 3, _FEW + 1])
def test_csv_has_a_header_and_a_line_a_value(count, said):
    rows = list(csv.reader(io.StringIO(said("generate", "uuid", "--format=csv", f"--count={count}"))))
    assert rows[0] == ["uuid"]
    assert len(rows) == count + 1


def test_a_file_is_written_whole_and_nothing_goes_to_standard_output(tmp_path, said):
    file = tmp_path / "names.txt"
    assert said("generate", "first_name", "--locale=ja", "--count=5", "--seed=1", "-o", str(file)) == ""
    assert file.read_text(encoding="utf-8") == said("generate", "first_name", "--locale=ja", "--count=5", "--seed=1")
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_cannot_be_written_is_one_clear_line(tmp_path, capfd):
    assert run("generate", "integer", "-o", str(tmp_path / "no" / "file")) == 1
    assert capfd.readouterr().err.count("\n") == 1


def test_a_run_that_fails_leaves_no_file(tmp_path, capfd):
    assert run("generate", "permutation", "--high=3", "--count=4", "-o", str(tmp_path / "file")) == 1
    assert "3 values" in capfd.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_one_value_of_any_type_does_not_import_numpy_or_pyarrow():
    program = (
        "import sys; from hotfixture import generators; from hotfixture.cli import output, mockcraft\n"
        "for name in generators.TABLE: assert output.run(mockcraft.mockcraft, ['generate', name]) == 0, name\n"
        "print([name for name in ('numpy', 'pyarrow', 'rich', 'sqlglot', 'cryptography') if name in sys.modules])"
    )
    lines = process(program=program).stdout.splitlines()
    assert len(lines) > len(generators.TABLE)
    assert lines[-1] == "[]"


posix = pytest.mark.skipif(sys.platform == "win32", reason="pipes break and memory is counted another way on Windows")


@posix
def test_a_reader_that_goes_away_is_met_quietly():
    command = [sys.executable, "-c", PROGRAM, "generate", "uuid", "--count=300000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait() == output.BROKEN_PIPE


@posix
def test_many_values_take_no_more_memory_than_a_few():
    program = (
        "import resource, sys; from hotfixture.cli import output, mockcraft;"
        "output.run(mockcraft.mockcraft); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    )
    peaks = [int(process("generate", "integer", f"--count={n}", program=program).stderr) for n in (150_000, 3_000_000)]
    assert peaks[1] < peaks[0] * 1.25


def test_output_is_utf_8_whatever_the_locale_of_the_terminal():
    command = [sys.executable, "-c", PROGRAM, "generate", "first_name", "--locale=ja", "--seed=1"]
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    shown = subprocess.run(command, capture_output=True, env=environment, check=True).stdout
    assert shown.decode("utf-8").strip() == generators.generate("first_name", seed=1, locale="ja")


def test_the_list_names_every_generator_with_an_example(said):
    shown = said("generators")
    assert {line.split()[0] for line in shown.splitlines()[1:]} == set(generators.names())


def test_the_list_as_json_says_all_about_each_and_its_example_holds(said):
    for entry in json.loads(said("generators", "--json")):
        made = generators.find(entry["name"])
        assert entry["description"]
        assert [option["name"] for option in entry["options"]] == [option.name for option in made.options]
        assert all(option["help"] for option in entry["options"])
        assert entry["example"] is not None


def test_one_generator_is_shown_in_full(said):
    shown = said("generators", "uuid")
    assert "RFC 9562" in shown
    assert "--version" in shown


def test_the_shell_completes_types_with_and_without_their_group(capfd, monkeypatch):
    monkeypatch.setenv("_MOCKCRAFT_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_CWORD", "2")
    for typed, found in (("uuid1", "plain,uuid1"), ("identifiers.uuid1", "plain,identifiers.uuid1")):
        monkeypatch.setenv("COMP_WORDS", f"mockcraft generate {typed}")
        assert run() == 0
        assert capfd.readouterr().out == f"{found}\n"


@pytest.mark.parametrize("form", ["text", "json", "csv", "ndjson", "parquet"])
@pytest.mark.parametrize("compress", ["", "gzip", "zstd"])
def test_every_form_goes_to_a_file_compressed_or_not_with_the_same_values(form, compress, said, tmp_path):
    import gzip

    import zstandard

    plain, packed = tmp_path / "plain", tmp_path / "packed"
    words = ("generate", "person", "--count=300", "--seed=4", f"--format={form}", "-o")
    said(*words, str(plain))
    said(*words, str(packed), *([f"--compress={compress}"] if compress else []))
    data = packed.read_bytes()
    if form == "parquet":  # whose pages are compressed, so that any reader reads it
        import pyarrow.parquet as pq

        assert pq.read_table(packed).equals(pq.read_table(plain))
        assert pq.ParquetFile(packed).metadata.row_group(0).column(0).compression == (compress or "zstd").upper()
        return
    if compress == "gzip":
        data = gzip.decompress(data)
    elif compress == "zstd":
        data = zstandard.ZstdDecompressor().decompressobj().decompress(data)
    assert data == plain.read_bytes()
    assert len(data) > 10_000


def test_a_record_becomes_the_columns_of_a_parquet_file(said, tmp_path):
    import pyarrow.parquet as pq

    said("generate", "person", "--count=3", "--format=parquet", "-o", str(tmp_path / "people.parquet"))
    assert {"first_name", "email"} <= set(pq.read_table(tmp_path / "people.parquet").column_names)


@pytest.mark.parametrize(
    ("name", "form", "compress"),
    [("a.csv", "csv", ""), ("a.json", "json", ""), ("a.jsonl", "ndjson", ""), ("A.NDJSON.GZ", "ndjson", "gzip")],
)
def test_the_name_of_a_file_says_its_form_unless_the_command_does(name, form, compress, said, tmp_path):
    named, told, other = tmp_path / name, tmp_path / "told", tmp_path / "other.csv"
    said("generate", "person", "--count=3", "--seed=1", "-o", str(named))
    packed = ["--compress", compress] if compress else []
    said("generate", "person", "--count=3", "--seed=1", "--format", form, *packed, "-o", str(told))
    assert named.read_bytes() == told.read_bytes()
    said("generate", "person", "--count=3", "--seed=1", "--format", "text", "-o", str(other))
    assert other.read_text().startswith("{")


def test_json_and_pretty_ask_for_json_and_refuse_another_form(said, capfd):
    written = said("generate", "person", "--count=2", "--seed=1", "--format=json")
    assert said("generate", "person", "--count=2", "--seed=1", "--json") == written
    assert json.loads(said("generate", "person", "--count=2", "--seed=1", "--pretty")) == json.loads(written)
    for flag in ("--json", "--pretty"):
        assert run("generate", "email", flag, "--format=csv") == 2
        assert "is for JSON, not for --format csv" in capfd.readouterr().err


def test_groups_and_words_list_what_is_in_them(said, capfd):
    group = said("generators", "health").splitlines()
    assert all(line.startswith("health.") for line in group[1:])
    assert len(group) > 20
    assert said("generators", "Retail") == said("generators", "commerce")
    assert "health.medication" in said("generators", "medic")
    assert run("generators", "no-such-thing") == 2
    assert "unknown generator" in capfd.readouterr().err


def test_a_beginning_of_a_name_suggests_what_begins_so(capfd):
    assert run("generate", "medic") == 2
    assert "medica" in capfd.readouterr().err


@pytest.mark.parametrize("name", ["commit", "semver", "cron", "registration", "lorem", "http_log"])
def test_short_names_of_trades_mean_something(name, said):
    assert said("generate", name, "--seed=1")
