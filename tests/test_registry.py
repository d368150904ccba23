"""Names find things: the table first, installed packages second, imported on use."""

from __future__ import annotations

import json
import sys

import pytest

from hotfixture.errors import MissingExtraError, UnknownNameError
from hotfixture.registry import Registry

TABLE = {
    "dumps": "json:dumps",
    "absent": "no_such_module:thing zstd",
    "broken": "no_such_module:thing",
    "tree": "xml.etree.ElementTree:ElementTree",
}


@pytest.fixture
def registry() -> Registry[object]:
    return Registry("thing", TABLE)


def test_a_name_finds_the_thing_itself(registry):
    assert registry.find("dumps") is json.dumps
    assert registry.find("dumps") is registry.find("dumps")


def test_nothing_is_imported_before_it_is_asked_for(monkeypatch, registry):
    monkeypatch.delitem(sys.modules, "xml.etree.ElementTree", raising=False)
    assert list(registry) == sorted(TABLE)
    assert "tree" in registry
    assert "xml.etree.ElementTree" not in sys.modules
    registry.find("tree")
    assert "xml.etree.ElementTree" in sys.modules


def test_a_wrong_name_suggests_the_nearest(registry):
    with pytest.raises(UnknownNameError, match=r"unknown thing 'dump'\n  Did you mean dumps\?"):
        registry.find("dump")
    assert "dump" not in registry


def test_an_absent_extra_says_how_to_install_it(registry):
    with pytest.raises(MissingExtraError, match=r"pip install 'hotfixture\[zstd\]'"):
        registry.find("absent")


def test_a_defect_of_our_own_is_not_taken_for_an_absent_extra(registry):
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        registry.find("broken")


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A package that offers two things through entry points, one under a name that is taken."""
    info = tmp_path / "offering-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: offering\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[test.things]\nloads = json:loads\ndumps = json:load\n")
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.usefixtures("installed")
def test_installed_packages_add_names_and_never_replace_one():
    registry: Registry[object] = Registry("thing", TABLE, group="test.things")
    assert registry.find("loads") is json.loads
    assert "loads" in registry
    assert registry.find("dumps") is json.dumps


@pytest.mark.usefixtures("installed")
def test_installed_packages_are_asked_once(monkeypatch):
    """Reading the metadata of all packages costs more than a whole quick command."""
    registry: Registry[object] = Registry("thing", TABLE, group="test.things")
    assert "loads" in registry
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: pytest.fail("asked again"))
    assert "loads" in registry
    assert registry.find("loads") is json.loads
