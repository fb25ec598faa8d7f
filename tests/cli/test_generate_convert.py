"""``schedsim generate`` and ``schedsim convert``: job mixes out."""

from __future__ import annotations

import pytest

import schedsim as ss
from schedsim import mixfile
from tests.cli.calling import refused, schedsim

ALL = (
    *(
        "--burst",
        "bimodal:short=1,long=20,share=0.2",
        "--arrival",
        "uniform",
        "--rate",
        "50/s",
        "--cpus",
        "2",
    ),
    *("--io", "constant:value=3", "--device", "disk", "--bursts-per-job", "2-4", "--priorities", "1-3"),
    *("--tickets", "1:9,10:1", "--unit", "us", "--resolution", "0.1"),
)


def test_a_table_is_printed():
    """The mix that ``ss.generate`` makes, as CSV."""
    done = schedsim("generate", 5, "--seed", 3)
    assert (0, "") == (done.status, done.err)
    assert ss.generate(5, seed=3).jobs == mixfile.loads(done.out).jobs
    assert "# source: schedsim generate 5 --seed 3" in done.out


def test_what_a_table_cannot_hold_is_json():
    """For two CPUs the default is JSON, which says so."""
    text = schedsim("generate", 5, "--seed", 3, "--cpus", 2).out
    assert ss.generate(5, seed=3, cpus=2) == mixfile.loads(text, "json")


def test_without_a_seed_it_is_0():
    """The same command gives the same mix, always."""
    assert schedsim("generate", 3, "--seed", 0).out == schedsim("generate", 3).out


def test_every_option_arrives():
    """Each option of ``ss.generate`` has one of the command line."""
    mix = ss.generate(
        20,
        seed=1,
        burst="bimodal:short=1,long=20,share=0.2",
        arrival="uniform",
        rate="50/s",
        cpus=2,
        io="constant:value=3",
        device="disk",
        bursts_per_job="2-4",
        priorities="1-3",
        tickets="1:9,10:1",
        unit="us",
        resolution="0.1",
    )
    assert mix == mixfile.loads(schedsim("generate", 20, "--seed", 1, *ALL, "--to", "json").out)
    load = schedsim("generate", 9, "--load", "0.5").out
    assert ss.generate(9, seed=0, load=0.5).jobs == mixfile.loads(load).jobs


def test_the_source_repeats_the_mix():
    """The command that the mix names as its source makes it again."""
    import shlex

    mix = ss.generate(20, seed=1, priorities="1-3", io="exponential:mean=3")
    words = shlex.split(mix.source)
    assert "schedsim" == words.pop(0)
    assert mix == mixfile.loads(schedsim(*words, "--to", "json").out)


def test_generated_jobs_can_be_run_at_once():
    """What generate prints, run reads."""
    text = schedsim("generate", 20, "--seed", 5).out
    assert 20 == len(schedsim("run", "-", "--algo", "srtf", "--format", "json", stdin=text).json["jobs"])


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "toml", "swf"])
def test_formats_of_files(form, tmp_path):
    """By the file's ending, or by --to."""
    path = tmp_path / f"mix.{form}"
    words = ("generate", 4, "--unit", "s", "--resolution", "1")
    assert 0 == schedsim(*words, "--output", path).status
    bursts = [job.cpu for job in ss.load(path).jobs]
    assert [job.cpu for job in ss.generate(4, seed=0, unit="s", resolution="1").jobs] == bursts
    other = tmp_path / "mix"
    assert 0 == schedsim(*words, "--output", other, "--to", form).status
    assert bursts == [job.cpu for job in ss.load(other, input_format=form, unit="s").jobs]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("x",), "JOBS is 'x'; write a whole number, as in 20"),
        (("0",), "jobs is 0; write a whole number from 1 to 10000000"),
        (("5", "--seed", "-1"), "seed is -1; write a whole number of at least 0"),
        (("5", "--seed", "1.5"), "--seed is '1.5'; write a whole number, as in 20"),
        (("5", "--cpus", "two"), "--cpus is 'two'; write a whole number, as in 20"),
        (
            ("5", "--burst", "exponental"),
            (
                "unknown distribution 'exponental': did you mean 'exponential'? "
                "known are exponential, uniform, bimodal, constant, heavy-tailed, lognormal"
            ),
        ),
        (
            ("5", "--cpus", "2", "--to", "csv"),
            "a CSV table has no place for cpus; write TOML or JSON instead",
        ),
        ((), "the following arguments are required: JOBS; schedsim generate --help lists the options"),
    ],
)
def test_what_generate_refuses(words, message):
    """In one line, with what to write instead."""
    assert message == refused("generate", *words)


def test_convert_by_the_ending(tmp_path):
    """A shipped mix into a file, and back into the same mix."""
    path = tmp_path / "copy.toml"
    done = schedsim("convert", "stallings-9.5", path)
    assert (0, "", "") == done
    assert ss.load("stallings-9.5")._replace(name="copy") == ss.load(path)._replace(name="copy")


def test_convert_in_a_pipe():
    """From standard input to standard output; --to may stand between them."""
    table = "pid,arrival,burst\nA,0,3\n"
    json_text = schedsim("convert", "-", "--to", "json", "-", stdin=table).out
    assert mixfile.loads(table).jobs == mixfile.loads(json_text).jobs
    again = schedsim("convert", "-", "-", "--to", "csv", "--input-format", "json", stdin=json_text).out
    assert again.endswith(table)


def test_notes_of_convert_do_not_mix_with_the_mix(tmp_path):
    """What was left out is said on standard error."""
    path = tmp_path / "log.swf"
    row = "{} 0 -1 {} 1 5 -1 1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\n"
    path.write_text(row.format(1, 5) + row.format(2, -1), encoding="utf-8")
    done = schedsim("convert", path, "-", "--to", "csv")
    assert 1 == len(mixfile.loads(done.out).jobs)
    assert done.err.startswith("schedsim: note: 1 of 2 jobs")


def test_what_convert_refuses(tmp_path):
    """No format, an unknown ending, a file that is there, a format without room."""
    assert "OUT is -, which names no format; add --to with one of csv, tsv, json, toml, swf" == (
        refused("convert", "first", "-")
    )
    assert "the suffix says no format" in refused("convert", "first", tmp_path / "mix.doc")
    path = tmp_path / "mix.csv"
    path.write_text("mine", encoding="utf-8")
    assert "is there already" in refused("convert", "first", path)
    assert "mine" == path.read_text(encoding="utf-8")
    assert 0 == schedsim("convert", "first", path, "--force").status
    assert "no place for" in refused("convert", "stallings-9.5", "-", "--to", "csv")
