"""What a generated operation may be answered, and who sends it. `tests/clients/schemathesis` loads it.

Whatever the schema allows may be sent. The answer is data, or one of the codes below: each says that
a value was made up, that somebody else should have asked, or that it is not the time; the schema has
no words for these. Everything else is a fault of ours.
"""

import atexit
import collections
import json
import os
import zlib

import schemathesis
from hypothesis import strategies as st
from schemathesis.graphql import nodes

ACCEPTED = {
    # Who asks is drawn by lot.
    "UNAUTHENTICATED",
    "FORBIDDEN",
    # Names and values are made up.
    "NOT_FOUND",
    "INVALID_INPUT",
    # Where a period, a draw or a day stands is no part of the schema.
    "WRONG_PHASE",
    "TOO_EARLY",
    "TOO_LATE",
    # Nobody has announced the holidays of a year that is far away.
    "NOT_SET_UP",
    # How much one request may ask for is no part of the schema either.
    "DOCUMENT_TOO_COSTLY",
}


with open(os.environ["FAIRPLATE_CITY"], encoding="utf-8") as file:
    CITY = json.load(file)
VALUES = CITY["values"]
# Columns of the table of who may call what, after the field.
COLUMNS = [None, "winner", "loser", "reviewer", "officer", "auditor"]
ROLES = [*COLUMNS, "newcomer"]


def table():
    """The roles that get past the door of each field, from the table that the tests keep true."""
    with open(os.environ["FAIRPLATE_ACCESS"], encoding="utf-8") as page:
        rows = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in page if line.startswith("| `")]
    return {field: [role for role, cell in zip(COLUMNS, cells) if cell == "yes"] for field, *cells in rows}


ABLE = table()
tally = collections.Counter()


def known_or(values, made_up):
    """Something of the city half of the time, or something made up in the right form."""
    return st.one_of(st.sampled_from(values), made_up).map(nodes.String)


digits = st.text("0123456789", min_size=13, max_size=13)
periods = st.builds(lambda year, month: f"{year}{month:02}", st.integers(2014, 2030), st.integers(1, 12))
moments = st.datetimes().map(lambda moment: moment.isoformat(timespec="seconds") + "Z")
days = st.dates().map(lambda day: day.isoformat())
hashes = st.binary(min_size=32, max_size=32).map(bytes.hex)
numbers = st.integers(-(2**63), 2**63 - 1).map(str)

for scalar, strategy in {
    "ApplicationCode": known_or([VALUES["code"]], digits),
    "Bytes32": known_or(["00" * 32], hashes),
    "CertificateNumber": known_or([VALUES["certificate"]], st.text("0123456789ABCDEF", min_size=16, max_size=16)),
    "Date": known_or(["2026-06-01", "2026-06-30"], days),
    "DateTime": known_or(["2026-06-30T07:00:00Z"], moments),
    "ID": known_or([VALUES["application"], VALUES["draw"]], st.text(max_size=60) | st.uuids().map(str)),
    "Long": known_or(["0", "1"], numbers),
    "PeriodNumber": known_or([VALUES["period"], "202607"], periods),
    "String": known_or(["individual", "local-household", "OWNS_LOCAL_CAR", "13712345678", ""], st.text(max_size=200)),
}.items():
    schemathesis.graphql.scalar(scalar, strategy)

# Small numbers count rows, days and years; any other is as good as none.
small = st.integers(0, 100) | st.integers(2020, 2035)
schemathesis.graphql.scalar("Int", (small | st.integers(-(2**31), 2**31 - 1)).map(nodes.Int))


@schemathesis.hook
def before_call(context, case, kwargs):
    """Sends the case as somebody, mostly as somebody who may: the same case always as the same one."""
    query = case.body if isinstance(case.body, str) else json.dumps(case.body)
    lot = zlib.crc32(query.encode())
    able = ABLE.get(case.operation.label.split(".")[-1]) or ROLES
    roles = ROLES if lot % 8 == 0 else able
    role = roles[lot // 8 % len(roles)]
    token = CITY["tokens"]["leaver"] if "signOut" in query else CITY["tokens"].get(role)
    case.headers = dict(case.headers or {})
    if token is not None:
        case.headers["Authorization"] = f"Bearer {token}"


@schemathesis.check
def only_accepted_answers(context, response, case):
    """The answer is data, or an error with an accepted code."""
    assert response.status_code < 500, f"status {response.status_code}"
    answer = response.json()
    errors = answer.get("errors") or []
    if not errors:
        tally["answered"] += 1
    for code in sorted({error.get("extensions", {}).get("code", "no code") for error in errors}):
        tally[code] += 1
        assert code in ACCEPTED, f"{code}: {errors[0]['message']}"
    tally["cases"] += 1


@atexit.register
def report():
    if path := os.environ.get("FAIRPLATE_TALLY"):
        with open(path, "w", encoding="utf-8") as file:
            json.dump(tally, file)
