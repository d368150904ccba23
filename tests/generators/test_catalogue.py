"""The catalogue: names and what they mean, presets behind names, generators of installed packages."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from hotfixture.errors import OptionError, UnknownNameError
from hotfixture.generators import TABLE, canonical, catalogue, find, generate

PLUGIN = '''
from hotfixture.generators import values
from hotfixture.generators.base import generator


@generator("weather.sky", source="looking up", holds=lambda value: value in ("clear", "cloudy"), capacity=2)
def sky(draws):
    """The state of the sky."""
    return values.take(("clear", "cloudy"), draws.below(2))
'''


def test_every_name_stands_once():
    names = [name for name, _ in catalogue.paths()]
    assert len(names) == len(set(names)) == len(TABLE)


def test_options_behind_a_name_are_its_defaults():
    men = find("firstName sex=male")
    assert men.name == canonical("firstName sex=male") == "people.first_name sex=male"
    assert [option.default for option in men.options if option.name == "sex"] == ["male"]
    draws_as_before = generate("people.first_name sex=male", seed=3, sex="female")
    assert find("first_name").holds(draws_as_before, sex="female")
    assert all(find("first_name").holds(value, sex="male") for value in generate(men.name, count=200).to_pylist())
    assert men.capacity() == find("first_name").capacity(sex="male")


def test_blanks_belong_to_a_name_until_an_option_begins():
    assert canonical("First Name") == "people.first_name"
    assert canonical("First Name sex=male locale=de") == "people.first_name sex=male locale=de"


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("first_name sex=neither", OptionError),
        ("first_name size=3", UnknownNameError),
        ("first_name sex=male more", OptionError),
    ],
)
def test_wrong_options_behind_a_name_are_refused(name, error):
    with pytest.raises(error):
        find(name)


def test_installed_packages_add_generators(tmp_path):
    """A distribution with an entry point, in a folder of its own, seen by a fresh process."""
    (tmp_path / "weather.py").write_text(PLUGIN)
    info = tmp_path / "weather-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: weather\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[hotfixture.generators]\nweather.sky = weather:sky\n")
    program = (
        "import sys, json; sys.path.insert(0, sys.argv[1])\n"
        "from hotfixture import generators as g\n"
        "print(json.dumps(['weather.sky' in g.names(), g.canonical('weather.sky'), g.generate('weather.sky', count=9)"
        ".to_pylist(), g.generate('weather.sky')]))"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    listed, name, many, one = json.loads(done.stdout)
    assert listed
    assert name == "weather.sky"
    assert set(many) <= {"clear", "cloudy"}
    assert one == many[0]
