"""JSON and TOML that are refused: in one line with file, job, key, value and advice."""

from __future__ import annotations

import pytest

from schedsim.errors import MixError
from schedsim.mixfile import loads

JOB_KEYS = (
    "keys of a job are id, arrival, burst, bursts, program, priority, nice, tickets, estimate, period, "
    "deadline, count, spawned"
)
MIX_KEYS = (
    "keys of a mix are jobs, unit, cpus, degree, switch_cost, charge_first_switch, grace, conventions, until, "
    "queues, variables, policy, algo, options, name, id, title, source, note"
)
NO_JOBS = 'no jobs; write "jobs": [{"id": "A", "arrival": 0, "burst": 4}], in TOML [[job]] and then id = "A"'
TIME = "is not a time; write a number such as 4 or 20us"
FINITE = "is not a finite number; write a number such as 4 or 20us"


def refusal(text, form, file="mix.x"):
    """Return the message with which ``text`` is refused."""
    with pytest.raises(MixError) as caught:
        loads(text, form, file)
    message = str(caught.value)
    assert message.isprintable()
    return message


@pytest.mark.parametrize(
    ("job", "message"),
    [
        ('{"id": "B"}', "job 2 ('B'), burst: a job needs a burst or a program; write a burst such as 4"),
        ('{"id": "B", "burst": null}', "job 2 ('B'), burst: a job needs a burst or a program; write a burst such as 4"),
        ('{"id": "B", "burst": 0}', "job 2 ('B'), burst: '0': must be more than 0; write a number such as 4"),
        ('{"id": "B", "burst": -2.5}', "job 2 ('B'), burst: '-2.5': must be more than 0; write a number such as 4"),
        ('{"id": "B", "burst": true}', f"job 2 ('B'), burst: true {TIME}"),
        ('{"id": "B", "burst": ""}', "job 2 ('B'), burst: the cell is empty; write a number such as 4"),
        ('{"id": "B", "burst": {}}', f"job 2 ('B'), burst: an object {TIME}"),
        (
            '{"id": "B", "burst": [7]}',
            'job 2 (\'B\'), burst: a burst is one number; write a list as "bursts": [["cpu", 7], ["io", 5]]',
        ),
        ('{"id": "B", "burst": NaN}', f"job 2 ('B'), burst: 'NaN' {FINITE}"),
        ('{"id": "B", "burst": Infinity}', f"job 2 ('B'), burst: 'Infinity' {FINITE}"),
        ('{"id": "B", "burst": -Infinity}', f"job 2 ('B'), burst: '-Infinity' {FINITE}"),
        ('{"id": "B", "burst": 1e99999999999999999999}', f"job 2 ('B'), burst: '1e99999999999999999999' {TIME}"),
        (
            '{"id": "B", "burst": ' + "9" * 4000 + "}",
            "job 2 ('B'), burst: 'a number of more than 60 digits': longer than schedsim can count (146 years)",
        ),
        (
            '{"id": "B", "burst": 0.' + "1" * 4000 + "}",
            f"job 2 ('B'), burst: '0.{'1' * 55}...': more digits than a time can have; round it to nanoseconds",
        ),
        ('{"id": "B", "burst": 1, "arrival": -1}', "job 2 ('B'), arrival: '-1': must not be below 0; write 0 or more"),
        ('{"id": "B", "burst": 1, "arrival": []}', "job 2 ('B'), arrival: a list is not a time; write a number such as 0 or 20us"),
        ('{"id": "A", "burst": 1}', "job 2, id: 'A': duplicate id, taken by job 1; give every job its own"),
        ('{"burst": 1, "id": "P1"}, {"burst": 2}, {"id": "P3", "burst": 1}',
         "job 4, id: 'P3': duplicate id, taken by job 3; give every job its own"),
        ('{"id": "", "burst": 1}', "job 2, id: the id is empty; give the job a name such as A"),
        ('{"id": null, "burst": 1}', "job 2, id: the id is empty; give the job a name such as A"),
        ('{"id": true, "burst": 1}', 'job 2, id: true is not an id; write a name such as "A"'),
        ('{"id": 1.5, "burst": 1}', 'job 2, id: a number is not an id; write a name such as "A"'),
        ('{"id": NaN, "burst": 1}', 'job 2, id: a number is not an id; write a name such as "A"'),
        ('{"id": ["A"], "burst": 1}', 'job 2, id: a list is not an id; write a name such as "A"'),
        (
            '{"id": ' + "7" * 100 + ', "burst": 1}',
            ("job 2 ('a number of more than 60 digits'), id: 'a number of more than 60 digits': "
            "too long for an id; write a shorter one"),
        ),
        (
            '{"id": "\\ud800", "burst": 1}',
            "job 2 ('\\ud800'), id: '\\ud800': an id has only printable characters; leave out the others",
        ),
        (
            '{"id": "a\\nb", "burst": 1}',
            "job 2 ('a\\nb'), id: 'a\\nb': an id has only printable characters; leave out the others",
        ),
        ('{"id": "B", "brst": 1}', f"job 2 ('B'): 'brst': unknown key; did you mean 'burst'? {JOB_KEYS}"),
        ('{"id": "B", "qqq\\n": 1}', f"job 2 ('B'): 'qqq\\n': unknown key; {JOB_KEYS}"),
        ('{"id": "B", "burst": 1, "service": 2}', "job 2 ('B'): 'service': burst is there twice; keep one"),
        ('{"id": "B", "burst": 1, "bursts": [["cpu", 1]]}', "job 2 ('B'), burst: burst and bursts are both there; keep one"),
        ('{"id": "B", "burst": 1, "burst": 2}', "'burst': this key is there twice in one object; keep one"),
        ('{"id": "B", "burst": 1, "priority": true}', "job 2 ('B'), priority: 'true': not a number; write a whole number such as 1"),
        ('{"id": "B", "burst": 1, "priority": [1]}', "job 2 ('B'), priority: 'a list': not a number; write a whole number such as 1"),
        ('{"id": "B", "burst": 1, "priority": 1e999999}', "job 2 ('B'), priority: '1E+999999': must be from -1000000000 to 1000000000"),
        ('{"id": "B", "burst": 1, "nice": -21}', "job 2 ('B'), nice: '-21': must be from -20 to 19"),
        ('{"id": "B", "burst": 1, "tickets": 0.5}', "job 2 ('B'), tickets: '0.5': must be 1 or more"),
        ('{"id": "B", "burst": 1, "count": 1.5}', "job 2 ('B'), count: '1.5': not a whole number; write one such as 1"),
        ('{"id": "B", "bursts": 7}', 'job 2 (\'B\'), bursts: a number is not a list of operations; write ["cpu 5", "io 3", "cpu 2"]'),
        ('{"id": "B", "bursts": []}', "job 2 ('B'), bursts: the program has no CPU burst; write at least one, such as cpu 5"),
        ('{"id": "B", "bursts": [["io", 7]]}', "job 2 ('B'), bursts: the program has no CPU burst; write at least one, such as cpu 5"),
        ('{"id": "B", "bursts": [7, 5]}', 'job 2 (\'B\'), bursts: a number is not an operation; write ["cpu", 7] or "cpu 7"'),
        ('{"id": "B", "bursts": ["cpu", 7]}', "job 2 ('B'), bursts: 'cpu': a length is missing; write it as in 'cpu 30'"),
        ('{"id": "B", "bursts": [[]]}', 'job 2 (\'B\'), bursts: \'a list\': not an operation; write ["cpu", 7] or "cpu 7"'),
        ('{"id": "B", "bursts": [[7, "cpu"]]}', 'job 2 (\'B\'), bursts: \'a list\': not an operation; write ["cpu", 7] or "cpu 7"'),
        ('{"id": "B", "bursts": [[["cpu"], 7]]}', 'job 2 (\'B\'), bursts: \'a list\': not an operation; write ["cpu", 7] or "cpu 7"'),
        ('{"id": "B", "bursts": [["yield", 7]]}', "job 2 ('B'), bursts: 'yield 7': '7' is too much; write 'yield' alone"),
        ('{"id": "B", "program": [["lock", 5]]}', 'job 2 (\'B\'), program: \'lock 5\': a name is text; write "5" with its quotes'),
        ('{"id": "B", "program": [["put?", 5]]}', 'job 2 (\'B\'), program: \'put? 5\': a name is text; write "5" with its quotes'),
        ('{"id": "B", "program": [["lock", true]]}', "job 2 ('B'), program: 'lock true': true is no word of an operation; write text or a number"),
        ('{"id": "B", "program": [["lock", "m", []]]}', "job 2 ('B'), program: 'lock m a list': a list is no word of an operation; write text or a number"),
        ('{"id": "B", "program": [["write", 5, 5]]}', 'job 2 (\'B\'), program: \'write 5 5\': a name is text; write "5" with its quotes'),
        ('{"id": "B", "program": [["write", "n", 1.5]]}', "job 2 ('B'), program: 'write n 1.5': '1.5' is no whole number; write 'write n 5' or 'write n +1'"),
        ('{"id": "B", "program": [["write", "n", -5]]}', "job 2 ('B'), program: 'write n -5': is this a value or a change? Write \"=-5\" for the value, \"-5\" to take 5 away"),
        ('{"id": "B", "program": [["write", "n", 9223372036854775808]]}', "job 2 ('B'), program: 'write n 9223372036854775808': 9223372036854775808 does not fit in 64 bits; write a smaller number"),
        ('{"id": "B", "program": [["exit", 256]]}', "job 2 ('B'), program: 'exit 256': '256' is no exit code; write a whole number from 0 to 255"),
        ('{"id": "B", "program": [["nap", 5]]}', "job 2 ('B'), program: 'nap 5': operations are cpu, io, lock, unlock, put, put?, get, get?, spawn, join, kill, read, write, yield, exit; 'nap' is none of them"),
        ('{"id": "B", "bursts": [["cpu", [7]]]}', f"job 2 ('B'), bursts: a list {TIME}"),
        ('{"id": "B", "bursts": [["cpu", 7, "disk"]]}', "job 2 ('B'), bursts: 'cpu 7 disk': too many parts; write it as in cpu 30"),
        ('{"id": "B", "bursts": [["cpu", 7], ["io", 7, 3]]}', "job 2 ('B'), bursts: 'io 7 3': write it as in io 20 or io 20 disk"),
        ("7", 'job 2: a number is not a job; write {"id": "A", "arrival": 0, "burst": 4}'),
        ("null", 'job 2: nothing is not a job; write {"id": "A", "arrival": 0, "burst": 4}'),
        ('"B 0 3"', 'job 2: text is not a job; write {"id": "A", "arrival": 0, "burst": 4}'),
        ('["B", 0]', 'job 2: a list is not a job; write {"id": "A", "arrival": 0, "burst": 4}'),
    ],
)  # fmt: skip
def test_a_wrong_job(job, message):
    """Jobs of JSON are named by their number and id."""
    assert f"mix.json, {message}".replace("json, 'burst'", "json: 'burst'") == refusal(
        f'{{"jobs": [{{"id": "A", "burst": 3}}, {job}]}}', "json", "mix.json"
    )


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ('"cpus": 0', "cpus: '0': must be 1 or more"),
        ('"cpus": 1.5', "cpus: '1.5': not a whole number; write one such as 1"),
        ('"cpus": "two"', "cpus: 'two': not a number; write a whole number such as 1"),
        ('"cpus": 1e10', "cpus: '1E+10': must be from 1 to 1000000000"),
        ('"degree": 0', "degree: '0': must be 1 or more"),
        ('"degree": -3', "degree: '-3': must be 1 or more"),
        ('"switch_cost": -0.5', "switch_cost: '-0.5': must not be below 0; write 0 or more"),
        ('"switch_cost": NaN', "switch_cost: 'NaN' is not a finite number; write a number such as 4 or 20us"),
        ('"grace": -1', "grace: '-1': must not be below 0; write 0 or more"),
        ('"until": 0', "until: '0': must be more than 0; write a number such as 4"),
        ('"until": "soon"', f"until: 'soon' {TIME}"),
        ('"charge_first_switch": 1', "charge_first_switch: '1': neither true nor false; write true or false, without quotes"),
        ('"conventions": "ostp"', "conventions: 'ostp': unknown conventions; did you mean 'ostep'? write textbook or ostep"),
        ('"conventions": 3', "conventions: '3': unknown conventions; write textbook or ostep"),
        ('"unit": "h"', "unit: 'h': unknown unit; write ns, us, ms or s"),
        ('"unit": 1', "unit: '1': unknown unit; write ns, us, ms or s"),
        ('"title": 5', "title: a number is not text; write it in quotes"),
        ('"source": "\\u001b[2J"', "source: '\\x1b[2J': control characters; leave them out"),
        ('"name": ["x"]', "name: a list is not text; write it in quotes"),
        ('"id": "\\ud800"', "id: '\\ud800': control characters; leave them out"),
        ('"polcy": "rr"', f"'polcy': unknown key; did you mean 'policy'? {MIX_KEYS}"),
        ('"zzzz": "rr"', f"'zzzz': unknown key; {MIX_KEYS}"),
        ('"job": []', "'job': jobs is there twice; keep one"),
        ('"quantum": 4', '\'quantum\': this belongs to a policy; write "policy": {"algo": "rr", "quantum": ...}'),
        ('"queues": {"": 2}', "queues: the name of a queue is empty; give it one such as tray"),
        ('"queues": {"\\u0007": 2}', "queues: '\\x07': the name of a queue has only printable characters; leave out the others"),
        ('"variables": {" ": 2}', "variables: the name of a variable is empty; give it one such as n"),
        ('"policy": 3', 'policy: a number is not a policy; write "policy": {"algo": "rr", "quantum": 4}'),
        ('"policy": []', 'policy: the list is empty; write "policy": {"algo": "rr", "quantum": 4}'),
        ('"policy": {"quantum": 4}', 'policy: a policy needs its name as algo; write "policy": {"algo": "rr", "quantum": 4}'),
        ('"policy": ""', 'algo: the name of the policy is empty; write "policy": {"algo": "rr", "quantum": 4}'),
        ('"policy": {"algo": 4}', "algo: a number is not text; write it in quotes"),
        ('"policy": {"algo": "rr", "options": 4}', 'options: a number is not a set of options; write "policy": {"algo": "rr", "quantum": 4}'),
        ('"policy": {"algo": "rr", "quantum": 4, "options": {"quantum": 4}}', "options: 'quantum': this option is there twice; keep one"),
        ('"policy": {"algo": "rr", "quantum": NaN}', "option quantum: 'NaN': not a finite number; write a number such as 4"),
        ('"policy": {"algo": "rr", "quanta": [1, Infinity]}', "option quanta: 'Infinity': not a finite number; write a number such as 4"),
        ('"policy": {"algo": "rr", "quantum": 1e-99999}', "option quantum: '1E-99999': too large or too small; write a number such as 4"),
        ('"policy": {"algo": "rr", "quantum": ' + "1" * 99 + "}", "option quantum: 'a number of more than 60 digits': too large; write a number such as 4"),
        ('"policy": {"algo": "rr", "a": ' + "[" * 30 + "]" * 30 + "}", "option a: nested too deeply; write a number, text or a list"),
        ('"policy": {"algo": "rr", "a": "\\u0007"}', "option a: '\\x07': control characters; leave them out"),
        ('"policy": {"algo": "rr", "\\u0007": 1}', "options: '\\x07': control characters; leave them out"),
        ('"policy": {"algo": "rr", "cpus": 0}', "cpus: '0': must be 1 or more"),
        ('"cpus": 1, "policy": {"algo": "rr", "cpus": 2}', "cpus: '2': said twice, with different values; keep one"),
        ('"policy": "rr", "algo": "rr"', "policy: algo and policy are both there; keep one"),
        ('"options": {"quantum": 4}', 'options: options without an algo; write "algo": "rr" beside them'),
    ],
)  # fmt: skip
def test_a_wrong_key_of_a_mix(key, message):
    """Keys that say how a mix is to be run."""
    glue = ": " if message.startswith("'") else ", "
    assert f"mix.json{glue}{message}" == refusal(f'{{"jobs": [["A", 0, 3]], {key}}}', "json", "mix.json")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", f"mix.x: {NO_JOBS}"),
        ("{}", f"mix.x: {NO_JOBS}"),
        ('{"jobs": null}', f"mix.x: {NO_JOBS}"),
        ('{"jobs": []}', f"mix.x: {NO_JOBS}"),
        ('{"jobs": 3}', f"mix.x, jobs: a number is not a list of jobs; {NO_JOBS.removeprefix('no jobs; ')}"),
        ("3", 'mix.x: a number is not a job mix; write {"jobs": [{"id": "A", "burst": 4}]}'),
        ("null", 'mix.x: nothing is not a job mix; write {"jobs": [{"id": "A", "burst": 4}]}'),
        ('[{"jobs": []}, {"jobs": []}]', "mix.x: this is a list of 2 mixes; give one of them"),
        (
            '{"jobs": [\n  {"id": "A",}]}',
            (
                "mix.x, line 2, column 14: this is not JSON (Expecting property name enclosed in double quotes); "
                "look for a missing comma, quote or bracket here or just before"
            ),
        ),
        (
            "",
            (
                "mix.x, line 1, column 1: this is not JSON (Expecting value); "
                "look for a missing comma, quote or bracket here or just before"
            ),
        ),
        (
            "[" * 100_000,
            "mix.x: is nested too deeply for a job mix; write lists in objects in one list of jobs",
        ),
        ("[" + "1" * 5000 + "]", "mix.x: holds a number of more than 4300 digits; no time is that long"),
    ],
)
def test_a_wrong_json(text, message):
    """Syntax is told with line and column."""
    # The words of Python's own parser change from version to version; place and advice don't.
    assert without_brackets(message) == without_brackets(refusal(text, "json"))


def without_brackets(message):
    """Return a message without what Python's parser says, and with the column it may count otherwise."""
    before, bracket, after = message.partition("this is not JSON (")
    return before.partition(", column")[0] + bracket + after.partition("); ")[2] if bracket else message


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("unit = ms", "mix.x, line 1, column 8: "),
        ("[[job]]\nid = 'A'\nburst 3", "mix.x, line 3, column 7: "),
        ("a = 1\na = 2", "mix.x, "),
        ("a = [", "mix.x, end of document: "),
        ("a = 2024-13-45", "mix.x, "),
        ('a = "\\ud800"', "mix.x, line 1, column "),
    ],
)
def test_a_wrong_toml(text, where):
    """Syntax is told with line and column, and what is most often forgotten."""
    message = refusal(text, "toml")
    assert message.startswith(where)
    assert "this is not TOML (" in message
    assert message.endswith("); text stands in quotes, and a job begins with [[job]]")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", f"mix.x: {NO_JOBS}"),
        ("[[job]]\nid = 'A'\nburst = nan", f"mix.x, job 1 ('A'), burst: 'NaN' {FINITE}"),
        ("[[job]]\nid = 'A'\nburst = -inf", f"mix.x, job 1 ('A'), burst: '-Infinity' {FINITE}"),
        ("[[job]]\nid = 'A'\nburst = 2024-01-01", f"mix.x, job 1 ('A'), burst: a date {TIME}"),
        (
            "[[job]]\nid = 'A'\nburst = 0x" + "f" * 9000,
            "mix.x, job 1 ('A'), burst: 'a number of more than 60 digits': longer than schedsim can count (146 years)",
        ),
        (
            "id = 0x" + "f" * 9000 + "\n[[job]]\nid = 'A'\nburst = 0",
            "mix.x, job 1 ('A'), burst: '0': must be more than 0; write a number such as 4",
        ),
        (
            "[policy]\nalgo = 'rr'\nday = 2024-01-01\n[[job]]\nid = 'A'\nburst = 1",
            "mix.x, option day: a date is not an option's value; write a number or text",
        ),
        (
            "[[job]]\nid = 'A'\nbrust = 3",
            f"mix.x, job 1 ('A'): 'brust': unknown key; did you mean 'burst'? {JOB_KEYS}",
        ),
        (
            "[queues]\ntray = 0\n[[job]]\nid = 'A'\nburst = 1",
            "mix.x, capacity of tray: '0': must be 1 or more",
        ),
        (
            "a = " + "[" * 100_000,
            "mix.x: is nested too deeply for a job mix; write lists in objects in one list of jobs",
        ),
        ("a = " + "1" * 5000, "mix.x: holds a number of more than 4300 digits; no time is that long"),
    ],
)
def test_a_wrong_mix_in_toml(text, message):
    """What TOML allows and a mix doesn't."""
    assert message == refusal(text, "toml")
