"""The membership body's suppliers: a small HR system's exports and lists kept by hand."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.sample.events import agreement, fair_or_not
from pipelines.sample.files import FileShape
from pipelines.sample.wording import INVENTED, Supplier, category, day, flag, full_name, remarks, words

_OUR_FORM_ETHNICITY = {
    "A": "White: English/Welsh/Scottish/NI/British",
    "B": "White: Irish",
    "C": "White: other",
    "D": "Mixed: White and Black Caribbean",
    "E": "Mixed: White and Black African",
    "F": "Mixed: White and Asian",
    "G": "Mixed: other",
    "H": "Asian: Indian",
    "J": "Asian: Pakistani",
    "K": "Asian: Bangladeshi",
    "L": "Asian: other",
    "R": "Asian: Chinese",
    "M": "Black: Caribbean",
    "N": "Black: African",
    "P": "Black: other",
    "S": "Other ethnic group",
    "Z": "Prefer not to say",
}
_TEAMS = {
    "Policy and analysis": "Policy",
    "Membership and events": "Members & Events",
    "Programmes": "Programmes",
    "Communications": "Comms",
    "Corporate services": "Corporate",
}
_WHERE_SEEN = {
    "Own website": "Website",
    "Sector job board": "Job board",
    "Recruitment agency": "Agency",
    "Word of mouth": "Colleague",
}


def staff_in_post(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Word the membership body's staff list; trustees stand in it with a grade of their own."""
    return rows.select(
        pl.format("P{}", "person").alias("Payroll ID"),
        full_name().alias("Who"),
        day("snapshot_day").alias("As at"),
        category(_OUR_FORM_ETHNICITY).alias("Ethnicity (self-described)"),
        pl.col("band").alias("Grade"),
        words("directorate", _TEAMS).alias("Team"),
        pl.col("fte").alias("Hours (FTE)"),
        flag("senior_manager", "Yes", "No").alias("SMT"),
        flag("board_member", "Yes", "No").alias("Trustee"),
    )


def staff_survey(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Word the membership body's own survey."""
    answers = {
        "Q1 Harassment - members or public": np.where(rows["says_harassment_from_public"], "Yes", "No"),
        "Q2 Harassment - managers or colleagues": np.where(rows["says_harassment_from_staff"], "Yes", "No"),
        "Q3 Fair progression": fair_or_not(rng, rows["says_equal_opportunity"].to_numpy()),
        "Q4 Discrimination": np.where(rows["says_discrimination_from_staff"], "Yes", "No"),
        "Q5 Development": agreement(rng, rows["says_access_to_development"].to_numpy()),
        "Q6 SMT leads inclusively": agreement(rng, rows["says_inclusive_leadership"].to_numpy()),
    }
    skipped = rng.random((len(answers), rows.height)) < 0.02
    given = {
        question: pl.Series(np.where(skipped[place], "Skipped", answer), dtype=pl.String)
        for place, (question, answer) in enumerate(answers.items())
    }
    return rows.with_columns(remark=remarks(rows, rng), **given).select(
        pl.format("{}", "reply").alias("Respondent"),
        day("survey_day").alias("Submitted"),
        category(_OUR_FORM_ETHNICITY).alias("Your ethnicity"),
        *answers,
        pl.col("remark").alias("Anything else?"),
    )


def recruitment(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Word the membership body's candidate workbook."""
    first = pl.Series(
        rng.choice(["Ade", "Beth", "Cai", "Dara", "Ewan", "Fola"], rows.height), dtype=pl.String
    )
    stages = {
        "Longlist to shortlist": "shortlisted",
        "Interviewed": "interviewed",
        "Offered": "offered",
        "Turned down": "declined",
        "Accepted": "appointed",
    }
    return rows.with_columns(first=first).select(
        pl.format("C{}", "application").alias("Candidate no."),
        pl.col("first").alias("Candidate"),
        pl.format("NB-{}", "vacancy").alias("Campaign"),
        day("opened_day").alias("Went live"),
        day("completed_day").replace("", "-").alias("Closed off"),
        category(_OUR_FORM_ETHNICITY).alias("Monitoring form - ethnicity"),
        words("channel", _WHERE_SEEN).alias("Where seen"),
        pl.col("band").alias("Grade"),
        words("directorate", _TEAMS).alias("Team"),
        flag("internal", "Y", "N").alias("Internal?"),
        *(flag(ours, "Y", "N").alias(theirs) for theirs, ours in stages.items()),
    )


def learning_budget(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Word the membership body's training log."""
    agreed = pl.when(pl.col("approved").is_null()).then(pl.lit("")).otherwise(flag("approved", "Yes", "No"))
    return rows.with_columns(remark=remarks(rows, rng)).select(
        pl.format("T{}", "request").alias("Form no."),
        pl.format("P{}", "person").alias("Payroll ID"),
        day("requested_day").alias("Asked on"),
        words("training", {"mandatory": "Compulsory", "non_mandatory": "Development"}).alias("Kind"),
        words("directorate", _TEAMS).alias("Team"),
        agreed.alias("Agreed by manager"),
        flag("completed", "Yes", "No").alias("Taken"),
        pl.col("cost").round(2).cast(pl.String).alias("Spend (£)"),
        pl.col("remark").alias("What for"),
    )


def leavers(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Word the membership body's list of leavers."""
    return rows.with_columns(remark=remarks(rows, rng)).select(
        pl.format("P{}", "person").alias("Payroll ID"),
        full_name().alias("Who"),
        day("left_day").alias("Last day"),
        category(_OUR_FORM_ETHNICITY).alias("Ethnicity (self-described)"),
        pl.when(pl.col("reason") == "")
        .then(pl.lit("Not given"))
        .otherwise("reason")
        .alias("Why leaving (HR)"),
        pl.col("band").alias("Grade"),
        words("directorate", _TEAMS).alias("Team"),
        pl.col("remark").alias("Handover"),
    )


def exit_interviews(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Word the membership body's notes of exit conversations."""
    return rows.with_columns(remark=remarks(rows, rng)).select(
        pl.format("X{}", "interview").alias("Conversation"),
        day("interview_day").alias("Held on"),
        category(_OUR_FORM_ETHNICITY).alias("Ethnicity (if given)"),
        pl.col("recommends").alias("Would recommend"),
        flag("discrimination", "Yes", "No").alias("Discrimination raised"),
        pl.col("remark").alias("Notes"),
    )


SUPPLIERS: dict[str, Supplier] = {
    "staff_in_post": Supplier(
        staff_in_post,
        FileShape(
            "xlsx",
            banner=("People list", INVENTED, "Please do not forward", ""),
            sheet="People",
            dates=("As at",),
        ),
        ethnicity="Ethnicity (self-described)",
        unknown_word="?",
    ),
    "staff_survey": Supplier(
        staff_survey,
        FileShape("csv", delimiter=";"),
        ethnicity="Your ethnicity",
        unknown_word="?",
    ),
    "recruitment": Supplier(
        recruitment,
        FileShape(
            "xlsx",
            banner=("Candidates", INVENTED),
            sheet="Candidates",
            dates=("Went live", "Closed off"),
        ),
        ethnicity="Monitoring form - ethnicity",
        unknown_word="see CV",
        late_where="Closed off",
    ),
    "learning_budget": Supplier(
        learning_budget,
        FileShape("csv", banner=(f"Training log, {INVENTED}",), encoding="windows-1252"),
        late_where="Asked on",
    ),
    "leavers": Supplier(
        leavers,
        FileShape("csv", delimiter="\t", encoding="utf-16"),
        ethnicity="Ethnicity (self-described)",
        unknown_word="?",
        late_where="Last day",
    ),
    "exit_interviews": Supplier(exit_interviews, FileShape("csv")),
}
