"""The trust's suppliers: headings, codes and flags as their systems write them, with names and free text."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.sample.events import agreement, fair_or_not, how_often
from pipelines.sample.files import FileShape
from pipelines.sample.wording import INVENTED, Supplier, category, day, flag, full_name, remarks, words

_PAY_SCALES = {
    "Band 2": "XR02",
    "Band 3": "XR03",
    "Band 4": "XR04",
    "Band 5": "XR05",
    "Band 6": "XR06",
    "Band 7": "XR07",
    "Band 8a": "XR08",
    "Band 8b": "XR09",
    "Band 8c": "XR10",
    "Band 8d": "XR11",
    "Band 9": "XR12",
    "VSM": "YM50",
    "Trainee doctor": "MN25",
    "Career grade doctor": "MC46",
    "Consultant": "YC72",
}
_ADMINISTRATIVE, _ESTATES = "Administrative and Clerical", "Estates and Ancillary"
_COURSE_TYPES = {"mandatory": "Statutory or mandatory", "non_mandatory": "Development"}
_MEDICAL = ("Trainee doctor", "Career grade doctor", "Consultant")
_ORG_L3 = {
    "Medicine": "417 Medicine",
    "Surgery": "417 Surgery",
    "Women and children": "417 Women & Children",
    "Diagnostics and therapies": "417 Diagnostics & Therapies",
    "Community services": "417 Community",
    "Corporate services": "417 Corporate",
}
_JOB_SITE_ETHNICITY = {
    "A": "WHITE - British",
    "B": "WHITE - Irish",
    "C": "WHITE - Any other white background",
    "D": "MIXED - White & Black Caribbean",
    "E": "MIXED - White & Black African",
    "F": "MIXED - White & Asian",
    "G": "MIXED - Any other mixed background",
    "H": "ASIAN or ASIAN BRITISH - Indian",
    "J": "ASIAN or ASIAN BRITISH - Pakistani",
    "K": "ASIAN or ASIAN BRITISH - Bangladeshi",
    "L": "ASIAN or ASIAN BRITISH - Any other Asian background",
    "M": "BLACK or BLACK BRITISH - Caribbean",
    "N": "BLACK or BLACK BRITISH - African",
    "P": "BLACK or BLACK BRITISH - Any other black background",
    "R": "OTHER ETHNIC GROUP - Chinese",
    "S": "OTHER ETHNIC GROUP - Any other ethnic group",
    "Z": "I do not wish to disclose my ethnic origin",
}
_SURVEY_ETHNICITY = {
    "A": "English / Welsh / Scottish / Northern Irish / British",
    "B": "Irish",
    "C": "Any other White background",
    "D": "White and Black Caribbean",
    "E": "White and Black African",
    "F": "White and Asian",
    "G": "Any other Mixed / multiple ethnic background",
    "H": "Indian",
    "J": "Pakistani",
    "K": "Bangladeshi",
    "L": "Any other Asian background",
    "M": "Caribbean",
    "N": "African",
    "P": "Any other Black / African / Caribbean background",
    "R": "Chinese",
    "S": "Any other ethnic background",
    "Z": "Prefer not to say",
}
_INTERVIEW_ETHNICITY = {
    "A": "White British",
    "B": "White Irish",
    "C": "White other",
    **dict.fromkeys("DEFG", "Mixed"),
    "H": "Indian",
    "J": "Pakistani",
    "K": "Bangladeshi",
    "L": "Other Asian",
    "M": "Black Caribbean",
    "N": "Black African",
    "P": "Other Black",
    "R": "Chinese",
    "S": "Other",
    "Z": "Would rather not say",
}


def _typed_by_hand(rows: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
    """Ethnic codes with a few in small letters, with a space after them, or written out."""
    code = rows["code"].to_numpy()
    how = rng.random(rows.height)
    typed = np.where(how < 0.01, np.char.lower(code.astype(str)), code)
    typed = np.where((how >= 0.01) & (how < 0.02), np.char.add(code.astype(str), " "), typed)
    written_out = (how >= 0.02) & (how < 0.03) & (code == "H")
    typed = np.where(written_out, "Indian or British Indian", typed)
    return pl.Series(np.where((code == "Z") & (how > 0.6), "Not stated", typed), dtype=pl.String)


def _staff_group() -> pl.Expr:
    band, directorate = pl.col("band"), pl.col("directorate")
    seven_in_ten = pl.col("person") % 10 < 7
    office = pl.when(seven_in_ten).then(pl.lit(_ADMINISTRATIVE)).otherwise(pl.lit(_ESTATES))
    support = (
        pl.when(seven_in_ten).then(pl.lit("Additional Clinical Services")).otherwise(pl.lit(_ADMINISTRATIVE))
    )
    return (
        pl.when(band.is_in(_MEDICAL))
        .then(pl.lit("Medical and Dental"))
        .when(directorate == "Corporate services")
        .then(office)
        .when(band.is_in(["Band 2", "Band 3", "Band 4"]))
        .then(support)
        .when(directorate == "Diagnostics and therapies")
        .then(pl.lit("Allied Health Professionals"))
        .otherwise(pl.lit("Nursing and Midwifery Registered"))
    )


def staff_in_post(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Word the staff record's report, with a blank first column and effective dates."""
    return rows.with_columns(typed=_typed_by_hand(rows, rng), group_words=_staff_group()).select(
        pl.lit("").alias(""),
        pl.col("person").cast(pl.String).alias("Employee Number"),
        pl.col("last_name").alias("Last Name"),
        pl.col("first_name").alias("First Name"),
        day("born_day").alias("Date of Birth"),
        pl.col("typed").alias("Ethnic Origin"),
        day("joined_day").alias("Effective Start Date"),
        pl.when(pl.col("person") % 97 == 0)
        .then(pl.lit("01/01/1900"))
        .otherwise(pl.lit("31/12/4712"))
        .alias("Effective End Date"),
        pl.when(pl.col("person") % 41 == 0)
        .then(pl.lit("Acting Up"))
        .otherwise(pl.lit("Active Assignment"))
        .alias("Assignment Status"),
        pl.lit("Y").alias("Primary Assignment"),
        words("band", _PAY_SCALES).alias("Pay Scale"),
        pl.when(pl.col("group_words").is_in([_ADMINISTRATIVE, _ESTATES]))
        .then(pl.lit("N"))
        .otherwise(pl.lit("Y"))
        .alias("Clinical?"),
        pl.col("group_words").alias("Staff Group"),
        words("directorate", _ORG_L3).alias("Org L3"),
        pl.col("fte").alias("FTE"),
        flag("senior_manager", "Y", "N").alias("Senior Mgr"),
        flag("board_member", "Y", "N").alias("Board Voting"),
    )


def earlier_and_second_assignments(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Return staff rows that a source leaves out: superseded ones, second assignments, career breaks."""
    kind = rng.random(rows.height)
    start = pl.col("Effective Start Date").str.to_date("%d/%m/%Y")
    superseded = rows.filter(pl.Series(kind < 0.03)).with_columns(
        start.dt.offset_by("-1d").dt.strftime("%d/%m/%Y").alias("Effective End Date"),
        start.dt.offset_by("-3y").dt.strftime("%d/%m/%Y").alias("Effective Start Date"),
    )
    second = rows.filter(pl.Series((kind >= 0.03) & (kind < 0.05))).with_columns(
        pl.lit("N").alias("Primary Assignment")
    )
    away = rows.filter(pl.Series((kind >= 0.05) & (kind < 0.06))).with_columns(
        pl.lit("N").alias("Primary Assignment"), pl.lit("Career Break").alias("Assignment Status")
    )
    return pl.concat([superseded, second, away])


def staff_survey(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Word the survey contractor's file; two in a hundred answers are missing, said in two ways."""
    any_from_staff = rows["says_harassment_from_staff"].to_numpy()
    from_whom = rng.random(rows.height)
    answers = {
        "Q14a": how_often(rng, rows["says_harassment_from_public"].to_numpy()),
        "Q14b": how_often(rng, any_from_staff & (from_whom < 0.55)),
        "Q14c": how_often(rng, any_from_staff & (from_whom >= 0.3)),
        "Q15": fair_or_not(rng, rows["says_equal_opportunity"].to_numpy()),
        "Q16b": np.where(rows["says_discrimination_from_staff"].to_numpy(), "Yes", "No"),
        "Q24e": agreement(rng, rows["says_access_to_development"].to_numpy()),
        "L1": agreement(rng, rows["says_inclusive_leadership"].to_numpy()),
    }
    missing = rng.choice(["", "Prefer not to answer", "-9"], size=(len(answers), rows.height))
    is_missing = rng.random((len(answers), rows.height)) < 0.02
    given = {
        question: pl.Series(np.where(is_missing[place], missing[place], answer), dtype=pl.String)
        for place, (question, answer) in enumerate(answers.items())
    }
    return rows.with_columns(remark=remarks(rows, rng), **given).select(
        pl.format("R{}", "reply").alias("Response ID"),
        day("survey_day").alias("Date returned"),
        category(_SURVEY_ETHNICITY).alias("Q28 Ethnic background"),
        pl.col("band").alias("Pay band"),
        pl.col("directorate").alias("Locality 1"),
        *answers,
        pl.col("remark").alias("Any other comments"),
    )


def recruitment(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Word the job site's export of applications."""
    first = pl.Series(
        rng.choice(["Ade", "Beth", "Cai", "Dara", "Ewan", "Fola"], rows.height), dtype=pl.String
    )
    return rows.with_columns(first=first, remark=remarks(rows, rng)).select(
        pl.format("APP-{}", "application").alias("Application Ref"),
        pl.format("417-{}", "vacancy").alias("Vacancy Ref"),
        pl.col("first").alias("Applicant First Name"),
        day("opened_day").alias("Advert Opened"),
        day("completed_day").alias("Vacancy Completed"),
        category(_JOB_SITE_ETHNICITY).alias("Ethnicity"),
        words(
            "gender", {"female": "Female", "male": "Male", "other": "Other", "not stated": "Not disclosed"}
        ).alias("Gender"),
        pl.col("channel").alias("Source of Application"),
        pl.col("band").alias("Post Band"),
        pl.col("directorate").alias("Department Group"),
        flag("internal", "Yes", "No").alias("Existing Employee"),
        flag("international", "Yes", "No").alias("Overseas Campaign"),
        flag("shortlisted", "Yes", "No").alias("Shortlisted"),
        flag("interviewed", "Yes", "No").alias("Attended Interview"),
        flag("offered", "Yes", "No").alias("Offer Made"),
        flag("declined", "Yes", "No").alias("Offer Declined"),
        flag("appointed", "Yes", "No").alias("Start Confirmed"),
        pl.col("remark").alias("Panel Notes"),
    )


def learning_budget(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Word the learning team's workbook: no ethnicity, names and course titles beside what is needed."""
    return rows.with_columns(remark=remarks(rows, rng)).select(
        pl.format("LD/{}", "request").alias("Request no."),
        pl.col("person").cast(pl.String).alias("Staff no."),
        full_name().alias("Name"),
        day("requested_day").alias("Date requested"),
        words("training", _COURSE_TYPES).alias("Course type"),
        pl.col("remark").alias("Course and reason"),
        pl.col("directorate").alias("Directorate"),
        flag("approved", "Approved", "Declined").alias("decided"),
        pl.col("approved").is_null().alias("undecided"),
        flag("completed", "Y", "N").alias("Attended"),
        pl.col("cost").round(2).cast(pl.String).alias("Cost (£)"),
    ).with_columns(pl.when("undecided").then(pl.lit("Pending")).otherwise("decided").alias("Decision")).drop(
        "decided", "undecided"
    )  # fmt: skip


def leavers(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Word the staff record's leavers report."""
    return rows.with_columns(typed=_typed_by_hand(rows, rng), remark=remarks(rows, rng)).select(
        pl.col("person").cast(pl.String).alias("Employee Number"),
        full_name().alias("Full Name"),
        pl.col("typed").alias("Ethnic Origin"),
        day("left_day").alias("Termination Date"),
        # An en dash: the byte that tells Windows-1252 from UTF-8.
        pl.col("reason").alias("Reason for Leaving – Recorded"),  # noqa: RUF001
        words("band", _PAY_SCALES).alias("Pay Scale"),
        words("directorate", _ORG_L3).alias("Org L3"),
        pl.col("remark").alias("Comments"),
    )


def exit_interviews(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Word the interviewers' file: no staff number, dates with full stops, marks of 1 to 5."""
    marks = {
        "Strongly disagree": "1",
        "Disagree": "2",
        "Neither agree nor disagree": "3",
        "Agree": "4",
        "Strongly agree": "5",
    }
    own_words = category(_INTERVIEW_ETHNICITY)
    ethnicity = pl.when(pl.col("code") == "SC").then(pl.lit("Filipino")).otherwise(own_words)
    return rows.with_columns(remark=remarks(rows, rng)).select(
        pl.format("EI-{}", "interview").alias("Ref"),
        day("interview_day", "%d.%m.%Y").alias("Interviewed on"),
        ethnicity.alias("How would you describe your ethnicity?"),
        words("recommends", marks).alias("Would recommend as employer"),
        flag("discrimination", "Y", "N").alias("Experienced discrimination"),
        pl.col("remark").alias("In their own words"),
    )


SUPPLIERS: dict[str, Supplier] = {
    "staff_in_post": Supplier(
        staff_in_post,
        FileShape(
            "csv",
            banner=(
                f",Staff in Post by Organisation,{INVENTED}",
                ",Employer: 417 Northmoor and Vale NHS Trust",
                ",",
            ),
            encoding="utf-8-sig",
        ),
        ethnicity="Ethnic Origin",
        unknown_word="W9",
    ),
    "staff_survey": Supplier(
        staff_survey,
        FileShape("csv"),
        ethnicity="Q28 Ethnic background",
        unknown_word="Option 19",
    ),
    "recruitment": Supplier(
        recruitment,
        FileShape("csv", banner=(f"Applications export,{INVENTED}",)),
        ethnicity="Ethnicity",
        unknown_word="SEE PAPER FORM",
        late_where="Vacancy Completed",
    ),
    "learning_budget": Supplier(
        learning_budget,
        FileShape(
            "xlsx",
            banner=("Learning and development requests", INVENTED),
            sheet="Requests",
            dates=("Date requested",),
            numbers=("Staff no.", "Cost (£)"),
        ),
        late_where="Date requested",
    ),
    "leavers": Supplier(
        leavers,
        FileShape("csv", banner=(f"Leavers report, {INVENTED}", ""), encoding="windows-1252"),
        ethnicity="Ethnic Origin",
        unknown_word="W9",
        late_where="Termination Date",
    ),
    "exit_interviews": Supplier(exit_interviews, FileShape("csv", delimiter=";")),
}
