"""The documentation is true: its commands run, its outputs are what is printed, its links and names exist.

In a page, `bash` blocks run one after another in one folder that holds a small shop's database; a `text` block behind
one is what it prints (`…` stands for any text of a line, on a line of its own for any lines); a `yaml` or `python`
block whose first line is `# name.yaml` is saved under that name; other `python` blocks run. A comment above a block
says otherwise: `<!-- exit 3 -->`, `<!-- parsed only: why -->`.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import click
import pytest
import yaml
from tests.forking import CAN_FORK, stand_ins
from tests.plugins import ALONE

from hotfixture import capture, generators
from hotfixture.capture import hooks
from hotfixture.cli.hfit import hfit
from hotfixture.cli.hfitd import hfitd
from hotfixture.cli.mockcraft import mockcraft
from hotfixture.databases import ENGINES
from hotfixture.transforms import masks

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
WRITTEN = [page for page in PAGES if DOCS / "reference" not in page.parents]
GROUPS = {group.name: group for group in (hfit, mockcraft, hfitd)}
BLOCK = re.compile(
    r"^(?:<!-- (?P<note>[^>]*) -->\n)?```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
LINK = re.compile(r"\]\((?!https?:|mailto:)(?P<path>[^)#\s]*)(?:#(?P<anchor>[^)\s]*))?\)")
MARK = "@@ block"


@dataclass(frozen=True)
class Block:
    """One block of code on a page."""

    language: str
    text: str
    note: str
    line: int

    @property
    def file(self) -> str:
        """The name under which the block is saved; empty where it has none."""
        found = re.match(r"# ([\w.-]+\.(?:yaml|py|toml))\n", self.text)
        return found[1] if found else ""


def name(page: Path) -> str:
    """The page, for people."""
    return page.relative_to(ROOT).as_posix()


@cache
def read(page: Path) -> str:
    """The text of a page."""
    return page.read_text(encoding="utf-8")


@cache
def blocks(page: Path) -> list[Block]:
    """The blocks of code of a page, in order."""
    text = read(page)
    return [
        Block(found["language"], found["text"], found["note"] or "", text.count("\n", 0, found.start("text")) + 1)
        for found in BLOCK.finditer(text)
    ]


@cache
def generator() -> ModuleType:
    """docs/generate.py as a module."""
    return module(DOCS / "generate.py")


def module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"docs_{path.stem}", path)
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


# ---- what a reader types


@pytest.fixture(scope="session")
def small_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop's database with 200 customers; `make demo` builds the same with 50,000."""
    path = tmp_path_factory.mktemp("shop") / "production.db"
    module(ROOT / "examples" / "shop.py").build(path, customers=200)
    return path


RUNNING = [page for page in WRITTEN if any(b.language in ("bash", "python") for b in blocks(page))]


@pytest.mark.skipif(os.name == "nt", reason="the pages are written for a POSIX shell")
@pytest.mark.skipif(not shutil.which("sqlite3"), reason="sqlite3 is not installed")
@pytest.mark.parametrize("page", RUNNING, ids=name)
def test_what_a_page_says_happens(page: Path, small_shop: Path, tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    shutil.copyfile(small_shop, tmp_path / "demo" / "production.db")
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    commands = [Path(sys.executable).parent, Path("/usr/bin"), Path("/bin"), Path(shutil.which("sqlite3") or "").parent]
    if CAN_FORK:
        commands.insert(0, stand_ins())
    environment = {
        "PATH": os.pathsep.join(map(str, commands)),
        "HOME": str(tmp_path / "home"),
        # A reader's own key was made on an earlier page, and is spoken of there alone.
        "HFIT_MASKING_KEY": "".join(f"{byte:02x}" for byte in range(32)),
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "PYTEST_ADDOPTS": ALONE,
    }
    script = "".join(shell(number, block) for number, block in enumerate(blocks(page)))
    printed = run_alone(f"{script}echo '{MARK} end'", tmp_path, environment)
    assert printed.rstrip().endswith(f"{MARK} end"), f"a command of {name(page)} fails:\n{printed[-3000:]}"
    compare(page, said(printed))


def run_alone(script: str, folder: Path, environment: dict[str, str]) -> str:
    """What a script prints; servers that it leaves behind are ended, whatever happens."""
    # A failing command leaves the shell at once, and what runs beside it would keep the pipe open.
    words = ["bash", "-euo", "pipefail", "-c", f"trap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n{script}"]
    with subprocess.Popen(
        words, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        encoding="utf-8", start_new_session=True,
    ) as process:  # fmt: skip
        try:
            return process.communicate(timeout=120)[0]
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def shell(number: int, block: Block) -> str:
    """The lines that do what a block says."""
    begin = f"echo '{MARK} {number}'\n"
    if block.note.startswith(("parsed only", "not run")):
        return ""
    if block.file:
        return f"{begin}cat > {block.file} <<'@@'\n{block.text}@@\n" + pytest_too(block)
    if block.language == "python":
        return f"{begin}python - <<'@@'\n{block.text}@@\n"
    if block.language != "bash":
        return ""
    # What `make` does is told by the rest of the suite, and far too slow here.
    lines = re.sub(r"^make \w+.*\n", "", block.text, flags=re.MULTILINE)
    wanted = re.match(r"exit (\d+)", block.note)
    if not wanted:
        return begin + lines
    return f"{begin}set +e\n{lines}code=$?\nset -e\ntest $code = {wanted[1]} || {{ echo 'exit code' $code; exit 1; }}\n"


def pytest_too(block: Block) -> str:
    return f"python -m pytest -q -p no:cacheprovider {block.file}\n" if block.file.startswith("test_") else ""


def said(output: str) -> dict[int, str]:
    """What each block printed."""
    parts = re.split(rf"^{MARK} (\w+)\n", output, flags=re.MULTILINE)[1:]
    return {int(number): text for number, text in zip(parts[::2], parts[1::2], strict=True) if number != "end"}


def compare(page: Path, printed: dict[int, str]) -> None:
    """Each `text` block against what the block before it printed."""
    for number, block in enumerate(blocks(page)):
        if block.language == "text" and number - 1 in printed:
            pattern = "".join(map(line_pattern, block.text.strip().splitlines()))
            found = printed[number - 1].strip() + "\n"
            assert re.fullmatch(pattern, found), f"{name(page)}:{block.line} shows other than is printed:\n{found}"


def line_pattern(line: str) -> str:
    return r"(?:.*\n)*?" if line.strip() == "…" else re.escape(line.rstrip()).replace("…", ".*") + r"\s*?\n"


def command_lines(page: Path) -> Iterator[tuple[int, list[str]]]:
    """Line and words of every command of ours on a page, in blocks and in inline code."""
    for block in blocks(page):
        if block.language == "bash" and not block.note.startswith("exit 2"):  # what is shown to be wrong
            text = re.sub(r"<<'(\w+)'\n.*?\n\1$", "", block.text.replace("\\\n", " "), flags=re.DOTALL | re.MULTILINE)
            for line in text.splitlines():
                for part in re.split(r"\||&&|;", re.sub(r"\s#\s.*", "", line) if '"' not in line else line):
                    yield from command(block.line, part)


def make_targets() -> set[str]:
    """What `make` can be asked for."""
    return set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def command(line: int, text: str) -> Iterator[tuple[int, list[str]]]:
    try:
        words = shlex.split(text)
    except ValueError:  # a quoted text that goes over several lines
        return
    while words and re.fullmatch(r"\w+=.*", words[0]):
        words.pop(0)
    if words and words[0] in (*GROUPS, "make"):
        yield line, words[: next((i for i, word in enumerate(words) if word in (">", "2>", "<")), None)]


@pytest.mark.parametrize("page", WRITTEN, ids=name)
def test_every_command_of_a_page_is_one_that_parses(page: Path) -> None:
    for line, words in command_lines(page):
        where = f"{name(page)}:{line}: {' '.join(words)}"
        if words[0] == "make":
            assert set(words[1:]) <= make_targets(), where
            continue
        parses(GROUPS[words[0]], words[1:], where)


def parses(group: click.Group, words: list[str], where: str) -> None:
    """The words name a command of the group, and options that it has."""
    if not words or words[0].startswith("-"):
        return
    found = group.get_command(click.Context(group), words[0])
    assert found, where
    if isinstance(found, click.Group):
        parses(found, words[1:], where)
        return
    # click keeps the option --help that the first context asks for.
    given_here = found.get_params(click.Context(found, help_option_names=["-h", "--help"]))
    options = {option for parameter in given_here for option in parameter.opts} | {"--help", "-h", "--debug"}
    own = set[str]()
    if words[0] == "generate":
        own = {f"--{option.name}" for option in generators.find(words[1]).options}
    given = {word.partition("=")[0] for word in words[1:] if word.startswith("-") and word != "-"}
    assert given <= options | own, where


# ---- what a reader follows


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for found in LINK.finditer(read(page)):
        target = (page.parent / found["path"]).resolve() if found["path"] else page
        assert target.exists(), f"{name(page)}: {found['path']}"
        if found["anchor"]:
            assert found["anchor"] in anchors(target), f"{name(page)}: #{found['anchor']}"


def anchors(page: Path) -> set[str]:
    """The headings of a page, as links spell them."""
    headings = re.findall(r"^#+ (.*)$", read(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


PATH = re.compile(r"`((?:src|tests|docs|examples|tools|bench|\.github|\.ci)/[\w./-]*)`")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    missing = [path for path in PATH.findall(read(page)) if not (ROOT / path).exists()]
    assert not missing


MODULE = re.compile(r"`((?:generators|transforms|databases|files|plans|documents|cli)/[\w./]*)`")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_part_of_the_source_that_a_page_names_exists(page: Path) -> None:
    missing = [path for path in MODULE.findall(read(page)) if not (ROOT / "src" / "hotfixture" / path).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_can_be_reached_from_the_readme(page: Path) -> None:
    assert page.resolve() in reachable(ROOT / "README.md")


@cache
def reachable(start: Path) -> frozenset[Path]:
    """All pages that links lead to, one after another."""
    found, waiting = {start}, [start]
    while waiting:
        page = waiting.pop()
        for link in LINK.finditer(read(page)):
            target = (page.parent / link["path"]).resolve()
            if target.suffix == ".md" and target not in found and target.exists():
                found.add(target)
                waiting.append(target)
    return frozenset(found)


# ---- what is documented


@cache
def generated() -> dict[str, str]:
    """What docs/generate.py writes, by file below docs/reference."""
    found: dict[str, str] = generator().pages()
    return found


def test_the_reference_says_what_the_program_says() -> None:
    stale = [file for file, text in generated().items() if read(DOCS / "reference" / file) != text]
    assert stale == [], "run make docs"


def test_every_meaning_is_of_a_key_that_is_there() -> None:
    generated()
    texts = generator().meanings.MEANINGS
    assert {(place, key) for place, keys in texts.items() for key in keys} == generator().NEEDED


def test_nothing_else_stands_among_the_reference_pages() -> None:
    files = {path.relative_to(DOCS / "reference").as_posix() for path in (DOCS / "reference").rglob("*.*")}
    assert files == set(generated())


def test_every_command_is_documented() -> None:
    text = read(DOCS / "reference" / "commands.md")
    for group in GROUPS.values():
        assert f"## {group.name}\n" in text
        assert all(f"### {group.name} {command}\n" in text for command in group.list_commands(click.Context(group)))


def test_every_generator_and_every_mask_is_documented() -> None:
    shown = "".join(read(page) for page in (DOCS / "reference" / "generators").glob("*.md"))
    assert [found for found in generators.TABLE if f"## {found}\n" not in shown] == []
    shown = read(DOCS / "reference" / "masks.md")
    assert [found for found in masks.TABLE if f"## {found}\n" not in shown] == []


def test_every_public_name_of_captures_is_documented() -> None:
    text = read(DOCS / "reference" / "capture.md")
    assert [found for found in capture.__all__ if f"\n### {found}\n" not in text] == []
    assert [found for found in hooks.HOOKS if f"\n| `{found}` |" not in text] == []


def test_every_engine_has_its_page() -> None:
    pages = " ".join(read(page) for page in (DOCS / "databases").glob("*.md"))
    assert [scheme for scheme in ENGINES if f"`{scheme}://" not in pages] == []


def test_every_part_of_the_tree_stands_on_the_ladder_of_the_design() -> None:
    text = read(DOCS / "concepts" / "design.md")
    inside = (ROOT / "src" / "hotfixture").iterdir()
    parts = {path.name for path in inside if not path.name.startswith("__") and path.name != "py.typed"}
    assert [part for part in parts if part.removesuffix(".py") not in text] == []


TERM = re.compile(r"^\*\*([^*]+)\*\*", re.MULTILINE)


def test_the_glossary_has_each_word_once_and_in_order() -> None:
    terms = [term.lower() for term in TERM.findall(read(DOCS / "glossary.md"))]
    assert terms == sorted(set(terms))
    assert {"draw", "export", "generator", "lineage", "mask", "package", "plan", "policy", "provider", "subset"} <= set(
        terms
    )
    assert {"approval", "audit event", "challenge", "daemon", "head", "revision", "service token", "volume"} <= set(
        terms
    )


INSTEAD = re.compile(r"anonymi[sz]|data source|datasource|\bfake(?!r\b|_)|obfuscat|pseudonym|tokeni[sz]", re.IGNORECASE)


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "glossary.md"], ids=name)
def test_a_page_uses_the_words_of_the_glossary(page: Path) -> None:
    assert [line for line in read(page).splitlines() if INSTEAD.search(line)] == []


def test_every_dependency_stands_among_the_licences() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    offered = {*re.findall(r"\w+", extras["all"][0].partition("[")[2]), "sentry", "dask", "faker", "mimesis"}
    asked = [
        *project["dependencies"],
        *(line for extra in extras if extra in offered for line in extras[extra] if not line.startswith("hotfixture[")),
    ]
    shown = read(DOCS / "policies" / "licences.md").lower()
    assert [line for line in asked if f"| {re.split('[<>=~; ]', line)[0].lower()} |" not in shown] == []


WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=name)
def test_a_workflow_pins_its_actions_and_runs_what_there_is(workflow: Path) -> None:
    jobs = yaml.safe_load(read(workflow))["jobs"]
    steps = [step for job in jobs.values() for step in job["steps"]]
    assert [step["uses"] for step in steps if "uses" in step and not re.search(r"@v\d+\.\d+\.\d+$", step["uses"])] == []
    makes = [word for step in steps for word in re.findall(r"^make (\w+)", step.get("run", ""), re.MULTILINE)]
    assert set(makes) <= make_targets()


def test_every_promised_python_is_tried_on_every_system() -> None:
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["classifiers"]
    promised = [line.rpartition(" ")[2] for line in classifiers if re.search(r"Python :: 3\.\d+$", line)]
    jobs = yaml.safe_load(read(ROOT / ".github" / "workflows" / "ci.yml"))["jobs"]
    assert [jobs[job]["strategy"]["matrix"]["python"] for job in ("linux", "others")] == [promised, promised]


NOT_THERE = ("hfit serve", "pip install hotfixture", "badge")
SAYS_SO = re.compile(r"not there yet|no daemon|is no |comes later|planned|There is no|later issue|yet")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_page_speaks_of_what_does_not_exist_as_if_it_did(page: Path) -> None:
    for line in read(page).splitlines():
        if any(word in line for word in NOT_THERE):
            assert SAYS_SO.search(line), f"{name(page)}: {line}"
