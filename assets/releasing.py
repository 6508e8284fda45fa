"""Releasing: what may be said is gathered, judged, and frozen as the very files that will be published."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterator, Mapping

import pandas as pd

from assets.auditing import audit_of_release
from assets.counting import frame_of, people_counted
from assets.estimating import earlier_estimates
from assets.machine import of_this_machine
from assets.noticing import quality_notes
from assets.partitions import longest_window
from assets.provenance import provenance_of
from assets.revising import revisions_in_release
from assets.states import NOT_RECEIVED, RECEIVED, REFUSED, State
from disparity.catalogue import Catalogue, Policy
from disparity.catalogue.deliveries import is_of_single_quarters, one_row_a_survey
from disparity.catalogue.indicators import ALL
from disparity.counts.cells import CELLS
from disparity.datasets import DATASETS
from disparity.disclosure.ledger import ledger_of
from disparity.disclosure.protection import number_shown, worded_count
from disparity.markers import HIDDEN
from disparity.periods import Quarter
from disparity.refusal import Refusal
from reports.charts.drawing import charts_of, thumbnail
from reports.pages.audit import verdict
from reports.pages.captions import captions_csv
from reports.pages.downloads import PAPER
from reports.pages.quarter import pages_of
from reports.paper.board_paper import paper
from reports.reading_back.files import (
    BEHIND,
    BOOK,
    CAPTIONS,
    FROZEN,
    SCHEMA,
    TABLE,
    unexplained,
)
from reports.release.analyses import analyses_csv
from reports.release.estimates import indicators_csv
from reports.release.frozen import DatasetStatus, Release, from_json, schema, to_json
from reports.release.provenance import PROVENANCE, content_sha256
from reports.release.revisions import without_reason
from reports.wording.release_view import Told
from reports.wording.sentences import headline_sentences
from reports.workbook.writing import workbook
from resources.databases import Released, log, note_on_record, save_ledger, save_release
from resources.lake import Entry
from resources.workplace import Workplace

# A refusal's own sentence names files and folders of this machine; it stays with the analysts.
_STATE = {
    RECEIVED: "",
    NOT_RECEIVED: "no extract came for this quarter",
    REFUSED: "an extract came and could not be used",
}


def build_release(
    workplace: Workplace, audience: str, quarter: Quarter, estimates: pd.DataFrame, analyses: pd.DataFrame
) -> Release:
    """Gather what may be said: estimates, earlier released ones for the history, quality notes and provenance."""
    catalogue = workplace.catalogue
    policy = workplace.policy(audience)
    # Of single quarters too: their run is what a control chart shows.
    kept = [
        name for name, each in catalogue.indicators.items() if each.headline or is_of_single_quarters(each)
    ]
    together = pd.concat([earlier_estimates(workplace, audience, quarter), estimates], ignore_index=True)
    wholes = together[together["indicator"].isin(kept) & (together["breakdown"] == ALL)]
    history = one_row_a_survey(wholes, catalogue, quarter)
    return Release(
        organisation=catalogue.organisation,
        audience=audience,  # type: ignore[arg-type]
        quarter=quarter,
        estimates=estimates,
        analyses=analyses,
        history=history.sort_values(["indicator", "period_end"], kind="stable", ignore_index=True),
        datasets=tuple(_statuses(workplace, quarter, policy)),
        quality_notes=tuple(quality_notes(workplace, quarter, policy)),
        provenance=_provenance(workplace, audience, estimates),
        policy_title=policy.title,
        policy_why=policy.why,
        commentary=catalogue.commentary.get(quarter.key),
        changed_since=_changed_since(workplace, audience, quarter),
        revisions=tuple(revisions_in_release(workplace, audience, history, estimates)),
    )


def _statuses(workplace: Workplace, quarter: Quarter, policy: Policy) -> Iterator[DatasetStatus]:
    for name, dataset in DATASETS.items():
        if name not in workplace.catalogue.sources:
            continue
        state = _stands(workplace, name, quarter)
        words = _rejected_words(workplace, name, quarter, policy) if state == RECEIVED else ""
        rarer = dataset.rarer_than_quarters and state == NOT_RECEIVED
        # A yearly extract lacks nothing while one of the last four quarters brought it.
        if rarer and any(_stands(workplace, name, each) == RECEIVED for each in quarter.window(4)):
            state, words = RECEIVED, f"no new {dataset.called} this quarter; the latest is used"
        yield DatasetStatus(name, dataset.title, state, words or _STATE[state])


def _rejected_words(workplace: Workplace, dataset: str, quarter: Quarter, policy: Policy) -> str:
    """Say that rows were rejected where the policy shows how many; "" where none were, or so few that it does not.

    Said of a few, it would tell them from none.
    """
    entry = workplace.lake.get(f"records/{dataset}", quarter)
    rejected = entry.facts.get("rows_rejected", 0) if entry else 0
    if not number_shown(rejected, policy):
        return ""
    return f"{worded_count(rejected, policy)} rows were rejected and are in no figure"


def _stands(workplace: Workplace, dataset: str, quarter: Quarter) -> State:
    entry = workplace.lake.get(f"records/{dataset}", quarter)
    state: State = entry.facts["state"] if entry else NOT_RECEIVED
    return state


def _unaccounted(workplace: Workplace, quarter: Quarter) -> list[str]:
    """Return the titles of datasets whose rows received are not all accepted or rejected."""
    held = {name: workplace.lake.get(f"records/{name}", quarter) for name in DATASETS}
    judged = {name: entry.facts for name, entry in held.items() if entry and "rows_received" in entry.facts}
    return [
        DATASETS[name].title
        for name, facts in judged.items()
        if facts["rows_received"] != facts["rows_accepted"] + facts["rows_rejected"]
    ]


def _provenance(workplace: Workplace, audience: str, estimates: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    """Return what belongs to the content of a release of where it comes from; the rest stands in its file of provenance."""
    policy: str = workplace.catalogue.organisation.audiences[audience]  # type: ignore[index]
    return ("Disclosure policy", policy), ("Vintage", str(int(estimates["vintage"].iloc[0])))


def _changed_since(workplace: Workplace, audience: str, quarter: Quarter) -> tuple[str, ...] | None:
    """Return which parts of the method are not those of last quarter's release; None where its method is not on record."""
    entry = workplace.lake.get(f"{audience}/release", quarter.plus(-1))
    before = provenance_of(entry) if entry else None
    if before is None:
        return None
    return tuple(part for part, sha256 in workplace.method.items() if before.method.get(part) != sha256)


def judge_release(
    workplace: Workplace, release: Release, files: Mapping[str, bytes]
) -> dict[str, tuple[bool, str]]:
    """Return each blocking check's verdict and its words; ``files`` are those that would be published."""
    required = workplace.catalogue.organisation.required_datasets
    lacking = [each for each in release.datasets if each.name in required and each.state != RECEIVED]
    policy = workplace.policy(release.audience)
    indicators = workplace.catalogue.indicators
    told = [
        f"{row.indicator}, {row.breakdown}: {row.level}"
        for row in release.estimates.itertuples()
        if any(getattr(row, f"{cell}_status") == HIDDEN and pd.notna(getattr(row, cell)) for cell in CELLS)
        or any(
            0 < getattr(row, cell) < policy.threshold_of(indicators[str(row.indicator)].sensitivity)
            for cell in CELLS
        )
    ]
    unaccounted = _unaccounted(workplace, release.quarter)
    frozen = files[FROZEN]
    same = to_json(from_json(frozen)) == frozen
    strange = unexplained(files, release, workplace.catalogue, secrets=of_this_machine(workplace))
    return {
        "required_datasets_received": (
            not lacking,
            "; ".join(f"{each.title}: {each.state} ({each.words})" for each in lacking) or "all received",
        ),
        "every_row_accounted_for": (not unaccounted, "; ".join(unaccounted) or "the sums agree"),
        "no_small_count_is_told": (not told, "; ".join(told) or "every cell is told by the policy"),
        "nobody_can_be_recovered": _audited(workplace, release),
        "every_number_has_an_origin": (not strange, "; ".join(strange) or "all files read back"),
        "release_reads_back": (
            same,
            "read back whole" if same else "the frozen release differs when read back",
        ),
    }


def warn_of_release(release: Release) -> dict[str, tuple[bool, str]]:
    """Return the verdict and the words of each check that warns and holds nothing back."""
    lacking = without_reason(release.revisions)
    words = " ".join(lacking) or "every revision has its reason, or there is none"
    return {"revisions_have_reasons": (not lacking, words)}


def _audited(workplace: Workplace, release: Release) -> tuple[bool, str]:
    try:
        found = audit_of_release(workplace, release.audience, release.quarter)
    except Refusal as refusal:
        return False, str(refusal)
    return found.passed, verdict(found)


def render(workplace: Workplace, release: Release) -> dict[str, bytes]:
    """Make every file of the publication that is approved: all but the provenance, which the pages lead to."""
    charts = charts_of(release, workplace.catalogue)
    files: dict[str, bytes] = {
        TABLE: indicators_csv(release.estimates),
        BEHIND: analyses_csv(release.analyses),
        FROZEN: to_json(release),
        SCHEMA: schema(),
        BOOK: workbook(release, workplace.catalogue),
        CAPTIONS: captions_csv(release, charts),
        PAPER: paper(release, workplace.catalogue, charts),
    }
    for name, chart in charts.items():
        files |= {f"{name}.svg": chart.svg, f"{name}.png": chart.png}
    pages = pages_of(release, workplace.catalogue, charts, [*files, PROVENANCE])
    return files | {name: page.encode() for name, page in pages.items()}


def freeze(workplace: Workplace, release: Release, files: Mapping[str, bytes]) -> tuple[Entry, str]:
    """Keep the files of the publication and record the release. Returns what is kept and the sha256 to approve."""
    content = content_sha256(files)
    headlines = headline_sentences(release.estimates, workplace.catalogue, release.audience)
    facts = {"sha256": content, "vintage": _vintage(release), "headlines": list(headlines)}
    entry = workplace.lake.put(f"{release.audience}/release", release.quarter, facts, files)
    now = dt.datetime.now(dt.UTC)
    _remember(workplace, release, content)
    number = save_release(
        workplace.results,
        release.audience,
        release.quarter,
        _vintage(release),
        content,
        state="released",
        released_at=now,
    )
    note_on_record(workplace.internal, [Released(release.audience, release.quarter.key, _vintage(release))])
    log(
        workplace.results,
        "pipeline",
        f"released {release.audience} {release.quarter.key} as release {number}",
        now,
    )
    return entry, content


def _remember(workplace: Workplace, release: Release, content: str) -> None:
    """Keep what this release tells of whom, beside what they truly are, in the owner-only database."""
    counts = frame_of(workplace, "counts", release.quarter)
    protected = frame_of(workplace, f"{release.audience}/protected", release.quarter)
    counted = people_counted(workplace, counts, release.quarter)
    told = ledger_of(counts, protected, counted.people)
    save_ledger(
        workplace.internal,
        release.audience,
        release.quarter,
        _vintage(release),
        told,
        counted.recorded,
        content,
    )


def headline_image(release: Release, catalogue: Catalogue) -> str | None:
    """Return the first headline chart as a small image in Markdown, or None where no headline has a figure."""
    told = Told(release, catalogue)
    for name, indicator in catalogue.indicators.items():
        image = thumbnail(name, told) if indicator.headline else None
        if image is not None:
            return f"![{indicator.title}](data:image/png;base64,{base64.b64encode(image).decode()})"
    return None


def _vintage(release: Release) -> int:
    return int(release.estimates["vintage"].iloc[0])


def can_be_released(workplace: Workplace, quarter: Quarter) -> bool:
    """Return whether the longest window ends no earlier than the organisation's records allow."""
    first = quarter.window(longest_window(workplace.catalogue))[0]
    return first.start >= workplace.catalogue.organisation.first_quarter
