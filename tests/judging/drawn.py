"""Small organisations drawn at random: records, a catalogue that says the same of people in several ways, and its tables.

This is a test's setup, which may use the product; the judge (``tests/judge``) may not.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from assets.counting import count_theme, frame_of, records_held
from assets.estimating import keep_estimates
from assets.partitions import longest_window
from assets.protecting import protect_themes
from assets.states import RECEIVED
from disparity.datasets import DATASETS
from disparity.datasets.contract import DTYPES
from disparity.periods import Quarter
from judging.small_organisation import (
    BANDS,
    CELLS,
    DIRECTORATES,
    FAIR,
    HIDDEN,
    HOW_OFTEN,
    QUARTER,
    REASONS,
    Row,
    catalogue_in,
    table_in,
)
from reports.release.estimates import indicators_csv
from resources.settings import Settings
from resources.workplace import Workplace

_GROUPS = {"white": ["White"], "ethnic_minority": ["Asian", "Black"], "unknown": ["Unknown"]}
_THEME_OF = {
    "staff_in_post": "workforce", "recruitment": "recruitment", "leavers": "leaving", "staff_survey": "experience",
}  # fmt: skip
_TRAINED = (
    "completed", "completed AND training = 'mandatory'", "training = 'mandatory'", "approved",
    "NOT training <> 'mandatory'", "approved AND NOT completed",
)  # fmt: skip
# Of each dataset, predicates that say the same, the opposite, or something within it.
_PREDICATES = {
    "staff_in_post": (
        "board_member", "NOT board_member", "senior_manager", "NOT senior_manager", "band = 'Manager'",
        "band IN ('Manager')", "band <> 'Manager'", "NOT band IN ('Support', 'Professional')",
        "senior_manager OR board_member", "NOT (NOT senior_manager AND NOT board_member)",
    ),
    "recruitment": (
        "shortlisted", "interviewed", "offered", "appointed", "declined", "shortlisted AND NOT declined",
        "offered AND NOT appointed", "interviewed AND NOT offered", "offered AND NOT declined", "NOT declined",
        "NOT shortlisted",
    ),
    "leavers": (
        "reason = 'Unknown'", "reason IN ('Unknown')", "reason <> 'Unknown'", "NOT reason = 'Unknown'",
        "reason IN ('Pay', 'Relocation')", "NOT reason IN ('Retirement', 'Unknown')", "band = 'Manager'",
    ),
    "staff_survey": (
        "harassed <> 'Never'", "NOT harassed = 'Never'", "harassed IN ('1 to 2', '3 or more')", "harassed = '3 or more'",
        "fair = 'Yes'", "fair <> 'Yes'", "fair IN ('No')", "NOT fair = 'Don''t know'", "band = 'Manager'",
        "harassed <> 'Never' AND fair = 'No'",
    ),
}  # fmt: skip


class Drawn(NamedTuple):
    """An organisation drawn: where its catalogue and its published table are, and each true count by its name."""

    catalogue: Path
    table: Path
    true: dict[str, int]

    def true_count(self, name: str) -> int:
        """Return the true count of a name, or of one count less another."""
        first, *others = (self.true.get(each, 0) for each in name.split(" less "))
        return first - sum(others)


def drawn(seed: int, folder: Path, *, protected: bool) -> Drawn:
    """Draw an organisation and publish its report.

    ``protected``: as the product protects it. Else its small counts alone are hidden, and some others by chance, so that
    much of it is given away.
    """
    draw, surveys = random.Random(seed), seed % 3 == 2
    policy = _policy(draw)
    catalogue = catalogue_in(
        folder / "catalogue",
        _indicators(draw, hides_zero=bool(policy["hide_noughts"]), surveys=surveys),
        policy,
    )
    workplace = _workplace(folder, catalogue)
    _count(workplace, _records(draw, QUARTER, surveys=surveys), QUARTER)
    if protected:
        protect_themes(workplace, "published", QUARTER)
        table = folder / "published" / QUARTER.key / "indicators.csv"
        table.parent.mkdir(parents=True)
        table.write_bytes(indicators_csv(keep_estimates(workplace, "published", QUARTER)))
    else:
        table = table_in(
            folder, _with_small_ones_hidden(draw, frame_of(workplace, "counts", QUARTER), policy)
        )
    return Drawn(catalogue, table, _true(frame_of(workplace, "counts", QUARTER)))


def counted_in_turn(seed: int, folder: Path, quarters: int) -> Iterator[tuple[Workplace, Quarter]]:
    """Draw an organisation, and count one quarter after another: give its workplace when each is counted."""
    draw, surveys = random.Random(seed), seed % 3 == 2
    indicators = _indicators(draw, hides_zero=False, surveys=surveys)
    for each in indicators.values():
        each["quarters"] = draw.choice((1, 4))
    workplace = _workplace(folder, catalogue_in(folder / "catalogue", indicators))
    for at in range(quarters):
        quarter = QUARTER.plus(at)
        _count(workplace, _records(draw, quarter, surveys=surveys and at == 0), quarter)
        yield workplace, quarter


def _workplace(folder: Path, catalogue: Path) -> Workplace:
    workplace = Workplace(Settings.from_environment({}, catalogue=catalogue, storage=folder / "storage"))
    workplace.open_stores()
    return workplace


def _count(workplace: Workplace, records: Mapping[str, list[dict[str, Any]]], quarter: Quarter) -> None:
    for name, rows in records.items():
        frame = _typed(name, rows, workplace)
        workplace.lake.put(f"records/{name}", quarter, {"state": RECEIVED}, {"accepted.parquet": frame})
    window = longest_window(workplace.catalogue)
    for theme in {each.theme for each in workplace.catalogue.indicators.values()}:
        count_theme(workplace, theme, records_held(workplace, quarter, window), quarter)


def _true(counts: pl.DataFrame) -> dict[str, int]:
    return {
        f"{QUARTER.key} {row['indicator']}/{row['breakdown']}/{row['level']}/{cell}": row[cell]
        for row in counts.iter_rows(named=True)
        for cell in CELLS
        if row[cell] is not None
    }


def _policy(draw: random.Random) -> dict[str, Any]:
    threshold, round_to = draw.choice([(10, 1), (5, 1), (8, 5), (6, 3)])
    return {
        "title": "Drawn", "why": "Drawn at random.", "threshold": threshold, "round_to": round_to,
        "percent_decimals": 0, "pounds_round_to": 10, "least_interval": draw.choice([3, 4, 5]),
        "hide_noughts": draw.choice([[], [], ["low"]]), "broad_groups": draw.random() < 0.5,
    }  # fmt: skip


def _indicators(draw: random.Random, *, hides_zero: bool, surveys: bool) -> dict[str, dict[str, Any]]:
    """Draw a few indicators, most of them of one dataset, so that they say something of each other.

    Of a rate whose base is hidden and may be nobody the product makes no estimate yet: none is drawn where zero is hidden.
    """
    datasets = draw.choices(list(_PREDICATES), weights=(4, 4, 3, 6 * surveys), k=2)
    found: dict[str, dict[str, Any]] = {}
    for at in range(draw.randint(3, 5)):
        dataset = datasets[0] if at < 3 else datasets[1]
        breakdowns = [each for each in ("band", "directorate") if draw.random() < 0.35]
        common = {"theme": _THEME_OF[dataset], "dataset": dataset, "breakdowns": breakdowns}
        base, event = draw.sample(_PREDICATES[dataset], 2)
        kind = draw.random()
        if dataset == "staff_in_post" and kind < 0.3:
            trained = {"theme": "development", "dataset": "learning_budget", "event": draw.choice(_TRAINED)}
            found[f"linked_{at}"] = {
                "kind": "linked",
                **common,
                **trained,
                "base": draw.choice(["TRUE", base]),
            }
        elif dataset == "leavers" and kind < 0.15 and not hides_zero:
            found[f"rate_{at}"] = {"kind": "rate", **common, "event": event}
        elif dataset == "leavers" and kind < 0.3:
            staff = {"base_dataset": "staff_in_post", "base": draw.choice(_PREDICATES["staff_in_post"])}
            found[f"coverage_{at}"] = {"kind": "coverage", **common, **staff, "event": event}
        elif dataset == "staff_survey" and kind < 0.3:
            staff = {
                "base_dataset": "staff_in_post",
                "base": draw.choice(["TRUE", *_PREDICATES["staff_in_post"]]),
            }
            found[f"response_{at}"] = {
                "kind": "coverage",
                **common,
                **staff,
                "event": draw.choice(["TRUE", event]),
            }
        elif draw.random() < 0.4 and dataset != "staff_survey":
            part = draw.choice([None, base])
            words = {"part": part, "part_words": "the part"} if part else {}
            found[f"share_{at}"] = {"kind": "share", **common, **words, "flag": "none"}
        else:
            base = draw.choice(["TRUE", base])
            found[f"rows_{at}"] = {"kind": "rows", **common, "base": base, "event": event}
    return found


def _records(draw: random.Random, quarter: Quarter, *, surveys: bool) -> dict[str, list[dict[str, Any]]]:
    staff = [
        {
            "band": (band := draw.choices(BANDS, weights=(5, 4, 1))[0]),
            "directorate": draw.choice(DIRECTORATES),
            "senior_manager": band == "Manager" and draw.random() < 0.6,
            "board_member": draw.random() < 0.08,
            "snapshot_date": quarter.end,
        }
        for _ in range(draw.randint(40, 160))
    ]
    leavers = [
        {"reason": draw.choice(REASONS), "band": draw.choice(BANDS), "directorate": draw.choice(DIRECTORATES)}
        for _ in range(draw.randint(20, 80))
    ]
    requests = [_request(draw, len(staff)) for _ in range(draw.randint(20, 120))]
    applications = [_application(draw, quarter) for _ in range(draw.randint(60, 200))]
    records = {
        "staff_in_post": staff,
        "recruitment": applications,
        "leavers": leavers,
        "learning_budget": requests,
    }
    if surveys:
        records["staff_survey"] = [_reply(draw, quarter) for _ in range(draw.randint(20, len(staff)))]
    for rows in records.values():
        for at, row in enumerate(rows):
            row["ethnicity"] = draw.choices(list(_GROUPS), weights=(6, 3, 1))[0]
            row["broad_group"] = draw.choice(_GROUPS[row["ethnicity"]])
            row["application"] = row["request"] = row["reply"] = str(at)
            row.setdefault("person", str(at))
    return records


def _request(draw: random.Random, staff: int) -> dict[str, Any]:
    approved = draw.random() < 0.7
    return {
        "person": str(draw.randrange(staff)),
        "training": draw.choice(("mandatory", "non_mandatory")),
        "approved": approved,
        "completed": approved and draw.random() < 0.7,
        "cost": 100.0 * approved,
    }


def _reply(draw: random.Random, quarter: Quarter) -> dict[str, Any]:
    return {
        "harassed": draw.choices(HOW_OFTEN, weights=(6, 2, 1))[0],
        "fair": draw.choices(FAIR, weights=(5, 2, 2))[0],
        "band": draw.choice(BANDS),
        "directorate": draw.choice(DIRECTORATES),
        "survey_date": quarter.end,
    }


def _application(draw: random.Random, quarter: Quarter) -> dict[str, Any]:
    row: dict[str, Any] = {"completed_date": quarter.end, "band": draw.choice(BANDS)}
    row["directorate"] = draw.choice(DIRECTORATES)
    reached = True
    for stage in ("shortlisted", "interviewed", "offered"):
        row[stage] = reached = reached and draw.random() < 0.6
    row["declined"] = reached and draw.random() < 0.2
    row["appointed"] = reached and not row["declined"] and draw.random() < 0.9
    return row


def _typed(name: str, rows: list[dict[str, Any]], workplace: Workplace) -> pl.DataFrame:
    """Return rows as accepted records are kept."""
    columns = DATASETS[name].columns(workplace.vocabulary)
    schema = {column: DTYPES[described.kind] for column, described in columns.items()}
    derived = dict.fromkeys(("ethnicity", "broad_group"), pl.String)
    return pl.DataFrame(
        [{column: row.get(column) for column in (*schema, *derived)} for row in rows],
        schema={**schema, **derived},
    )


def _with_small_ones_hidden(
    draw: random.Random, counts: pl.DataFrame, policy: Mapping[str, Any]
) -> list[Row]:
    """Return the rows of a table in which what is small is hidden, and a few other counts."""
    hide_zero, asked_for = bool(policy["hide_noughts"]), float(draw.choice([0.0, 0.1, 0.3]))
    found = []
    for row in counts.iter_rows(named=True):
        if row["breakdown"] == "broad_group" and not policy["broad_groups"]:
            continue
        of_any_size = {cell for cell in CELLS if draw.random() < asked_for}
        shown: dict[str, int | str | None] = {}
        for cell in CELLS:
            count = row[cell]
            small = count is not None and (0 < count < policy["threshold"] or (count == 0 and hide_zero))
            hidden = small or (count and cell in of_any_size)
            shown[cell] = None if count is None else HIDDEN if hidden else _rounded(count, policy["round_to"])
        reference, group, unknown = ((shown[CELLS[at]], shown[CELLS[at + 1]]) for at in (0, 2, 4))
        whole = all(row[cell] is not None for cell in CELLS)
        # Nothing is compared with a count that is hidden for another's sake.
        compared = whole and not any(
            shown[cell] == HIDDEN and row[cell] >= policy["threshold"] for cell in CELLS[:4]
        )
        named = row["indicator"], row["breakdown"], row["level"]
        found.append(Row(*named, reference, group, unknown, compared=compared))
    return found


def _rounded(count: int, to: int) -> int:
    return to * ((count + to // 2) // to)
