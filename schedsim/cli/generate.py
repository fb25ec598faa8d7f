"""``schedsim generate``: a job mix from a seed."""

from __future__ import annotations

from typing import Any

from schedsim.cli import output
from schedsim.cli.parser import Parser
from schedsim.errors import UsageError


def parser() -> Parser:
    """Return the parser."""
    from schedsim.distributions import KINDS
    from schedsim.generate import ARRIVALS, LOAD

    kinds = "; ".join(
        f"{name}:" + ",".join(f"{key}={value}" for key, value in kind.parameters.items()) + f" ({kind.what})"
        for name, kind in KINDS.items()
    )
    arrivals = "; ".join(f"{name} ({what})" for name, what in ARRIVALS.items())
    made = Parser(
        "generate",
        "Makes a job mix: the same one for the same options, for ever. It is printed as\n"
        "a CSV table, or as JSON where a table cannot hold it.",
        (
            "schedsim generate 20 --seed 1",
            "schedsim generate 500 --seed 7 --burst bimodal:short=1,long=100,share=0.1 --load 0.9",
            "schedsim generate 50 --io exponential:mean=20 --device disk | schedsim run - --algo mlfq",
        ),
    )
    made.add_argument("count", metavar="JOBS", help="how many jobs")
    made.add_argument("--seed", default="0", help="a whole number; another seed, another mix (default: 0)")
    made.add_argument("--burst", metavar="DISTRIBUTION", help=f"how long CPU bursts are: {kinds}")
    made.add_argument("--arrival", metavar="HOW", help=f"how jobs arrive: {arrivals}")
    made.add_argument("--rate", help="arrivals per unit of time, or as in 50/s")
    made.add_argument("--load", help=f"CPU time that arrives per unit of time and CPU (default: {LOAD})")
    made.add_argument("--cpus", metavar="N", help="how many CPUs the load is for")
    made.add_argument("--io", metavar="DISTRIBUTION", help="how long the I/O between two CPU bursts is")
    made.add_argument("--device", metavar="NAME", help="the device that serves the I/O, one at a time")
    made.add_argument("--bursts-per-job", metavar="NUMBERS", help="CPU bursts of a job, as in 2-6")
    made.add_argument("--priorities", metavar="NUMBERS", help="as in 1-5, or 1:9,10:1 with weights")
    made.add_argument("--tickets", metavar="NUMBERS", help="likewise")
    made.add_argument("--unit", help="the unit of the mix: ns, us, ms (the default) or s")
    made.add_argument("--resolution", metavar="TIME", help="all times are multiples of it")
    made.add_argument("--to", metavar="FORMAT", help="csv, tsv, json, toml or swf; else as FILE ends")
    made.add_argument("--output", metavar="FILE", help="write there instead of printing")
    made.add_argument("--force", action="store_true", help="replace FILE if it is there already")
    return made


def main(given: list[str]) -> int:
    """Run ``schedsim generate``."""
    from schedsim.generate import generate
    from schedsim.mixwrite import dump, write

    arguments = parser().parse(given)
    output.check_output(arguments)
    options: dict[str, Any] = {
        name: getattr(arguments, name)
        for name in (
            *("burst", "arrival", "rate", "load", "io", "device", "bursts_per_job"),
            *("priorities", "tickets", "unit", "resolution"),
        )
        if getattr(arguments, name) is not None
    }
    if arguments.cpus is not None:
        options["cpus"] = _whole("--cpus", arguments.cpus)
    mix = generate(_whole("JOBS", arguments.count), seed=_whole("--seed", arguments.seed), **options)
    form = arguments.to and arguments.to.lower()
    if arguments.output and arguments.output != "-":
        write(mix, arguments.output, force=arguments.force, output_format=form)
    else:
        output.say(dump(mix, form or ("csv" if mix.cpus == 1 else "json")))
    return 0


def _whole(name: str, text: str) -> int:
    """Return the whole number that ``text`` is."""
    plain = text.strip()
    if not plain.isascii() or not plain.removeprefix("-").isdecimal() or len(plain) > 80:
        raise UsageError(f"{name} is {text!r}; write a whole number, as in 20")
    return int(plain)
