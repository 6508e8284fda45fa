"""What is planted in each invented organisation: its size, its make-up and the true chances of each group.

Chances are triples: White, ethnic minority, ethnicity not known. They do not depend on band, directorate or
channel, so an indicator's planted truth is the same over the organisation and at every level of a breakdown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ProfileName = Literal["trust", "membership_body"]
ByGroup = tuple[float, float, float]


@dataclass(frozen=True)
class Profile:
    """One invented organisation, of about ``staff`` people. ``applications_per_staff`` is a quarter's."""

    name: ProfileName
    organisation: str
    staff: int
    group_shares: ByGroup
    senior_share: float
    senior_group_shares: ByGroup
    board: ByGroup
    board_in_staff: bool
    growth_per_quarter: float
    bands: dict[str, ByGroup]
    senior_bands: dict[str, float]
    board_band: str
    directorates: dict[str, float]
    leaves_in_a_year: ByGroup
    reasons: dict[str, float]
    lack_of_opportunity: str
    left_for_lack_of_opportunity: ByGroup
    applications_per_staff: float
    applications_per_vacancy: int
    applicant_shares: ByGroup
    shortlisted: ByGroup
    interviewed_of_shortlisted: ByGroup
    appointed_of_shortlisted: ByGroup
    declines_an_offer: float
    channels: dict[str, float]
    international_channel: str | None
    trained_in_a_year: ByGroup
    request_approved: float
    cost_of_a_course: ByGroup
    replies: ByGroup
    ethnicity_left_blank: float
    experiences: dict[str, ByGroup]
    interview_held: ByGroup
    would_recommend: ByGroup
    reported_discrimination: ByGroup


TRUST = Profile(
    name="trust",
    organisation="Northmoor and Vale NHS Trust (invented)",
    staff=3000,
    group_shares=(0.67, 0.27, 0.06),
    senior_share=0.03,
    senior_group_shares=(0.845, 0.122, 0.033),
    board=(13, 1, 0),
    board_in_staff=True,
    growth_per_quarter=0.003,
    bands={
        "Band 2": (16, 13, 15),
        "Band 3": (13, 9, 11),
        "Band 4": (10, 6, 9),
        "Band 5": (17, 33, 22),
        "Band 6": (18, 14, 15),
        "Band 7": (12, 6, 9),
        "Band 8a": (4, 2, 3),
        "Trainee doctor": (4, 8, 8),
        "Career grade doctor": (1, 4, 3),
        "Consultant": (5, 5, 5),
    },
    senior_bands={"Band 8b": 0.5, "Band 8c": 0.28, "Band 8d": 0.12, "Band 9": 0.06, "VSM": 0.04},
    board_band="VSM",
    directorates={
        "Medicine": 0.27,
        "Surgery": 0.2,
        "Women and children": 0.13,
        "Diagnostics and therapies": 0.14,
        "Community services": 0.14,
        "Corporate services": 0.12,
    },
    leaves_in_a_year=(0.13, 0.182, 0.15),
    reasons={
        "Voluntary Resignation - Relocation": 0.16,
        "Voluntary Resignation - Work Life Balance": 0.17,
        "Voluntary Resignation - Promotion": 0.13,
        "Voluntary Resignation - Health": 0.05,
        "Voluntary Resignation - Pay and Reward Related": 0.04,
        "Voluntary Resignation - Child Dependants": 0.04,
        "Voluntary Resignation - To undertake further education or training": 0.06,
        "Retirement Age": 0.15,
        "Flexi Retirement": 0.05,
        "Retirement - Ill Health": 0.02,
        "End of Fixed Term Contract": 0.06,
        "End of Fixed Term Contract - External Rotation": 0.05,
        "Employee Transfer": 0.01,
        "Dismissal - Conduct": 0.01,
    },
    lack_of_opportunity="Voluntary Resignation - Lack of Opportunities",
    left_for_lack_of_opportunity=(0.07, 0.14, 0.1),
    applications_per_staff=0.15,
    applications_per_vacancy=10,
    applicant_shares=(0.52, 0.42, 0.06),
    shortlisted=(0.52, 0.4, 0.46),
    interviewed_of_shortlisted=(0.9, 0.86, 0.88),
    appointed_of_shortlisted=(0.36, 0.24, 0.3),
    declines_an_offer=0.08,
    channels={
        "NHS Jobs": 0.56,
        "Trust website": 0.18,
        "Recruitment agency": 0.1,
        "Social media and job boards": 0.09,
        "International recruitment programme": 0.07,
    },
    international_channel="International recruitment programme",
    trained_in_a_year=(0.46, 0.4, 0.42),
    request_approved=0.8,
    cost_of_a_course=(420.0, 360.0, 390.0),
    replies=(0.5, 0.44, 0.3),
    ethnicity_left_blank=0.03,
    experiences={
        "harassment_from_public": (0.26, 0.31, 0.27),
        "harassment_from_staff": (0.18, 0.27, 0.24),
        "equal_opportunity": (0.6, 0.46, 0.5),
        "discrimination_from_staff": (0.065, 0.15, 0.12),
        "access_to_development": (0.6, 0.54, 0.55),
        "inclusive_leadership": (0.61, 0.52, 0.52),
    },
    interview_held=(0.48, 0.4, 0.36),
    would_recommend=(0.62, 0.48, 0.5),
    reported_discrimination=(0.05, 0.16, 0.1),
)

MEMBERSHIP_BODY = Profile(
    name="membership_body",
    organisation="Association of Healthcare Boards (invented)",
    staff=120,
    group_shares=(0.75, 0.2083, 0.0417),
    senior_share=0.075,
    senior_group_shares=(0.889, 0.111, 0.0),
    board=(10, 2, 0),
    board_in_staff=False,
    growth_per_quarter=0.002,
    bands={
        "Coordinator": (14, 24, 20),
        "Officer": (26, 32, 30),
        "Senior officer": (24, 22, 24),
        "Manager": (24, 16, 18),
        "Head of team": (12, 6, 8),
    },
    senior_bands={"Director": 1.0},
    board_band="Trustee",
    directorates={
        "Policy and analysis": 0.28,
        "Membership and events": 0.22,
        "Programmes": 0.2,
        "Communications": 0.16,
        "Corporate services": 0.14,
    },
    leaves_in_a_year=(0.16, 0.22, 0.18),
    reasons={
        "New job elsewhere": 0.52,
        "Pay": 0.12,
        "Family or caring": 0.1,
        "Relocation": 0.08,
        "End of fixed term": 0.12,
        "Retirement": 0.04,
        "Redundancy": 0.02,
    },
    lack_of_opportunity="Lack of opportunity here",
    left_for_lack_of_opportunity=(0.14, 0.24, 0.18),
    applications_per_staff=1.25,
    applications_per_vacancy=13,
    applicant_shares=(0.6, 0.34, 0.06),
    shortlisted=(0.39, 0.294, 0.34),
    interviewed_of_shortlisted=(0.92, 0.88, 0.9),
    appointed_of_shortlisted=(0.23, 0.134, 0.18),
    declines_an_offer=0.06,
    channels={
        "Own website": 0.34,
        "Sector job board": 0.42,
        "Recruitment agency": 0.14,
        "Word of mouth": 0.1,
    },
    international_channel=None,
    trained_in_a_year=(0.6, 0.5, 0.5),
    request_approved=0.85,
    cost_of_a_course=(640.0, 520.0, 560.0),
    replies=(0.82, 0.74, 0.6),
    ethnicity_left_blank=0.03,
    experiences={
        "harassment_from_public": (0.07, 0.11, 0.1),
        "harassment_from_staff": (0.08, 0.16, 0.12),
        "equal_opportunity": (0.62, 0.42, 0.5),
        "discrimination_from_staff": (0.04, 0.12, 0.08),
        "access_to_development": (0.66, 0.54, 0.58),
        "inclusive_leadership": (0.68, 0.5, 0.55),
    },
    interview_held=(0.7, 0.6, 0.6),
    would_recommend=(0.7, 0.5, 0.6),
    reported_discrimination=(0.04, 0.14, 0.1),
)

PROFILES: dict[ProfileName, Profile] = {profile.name: profile for profile in (TRUST, MEMBERSHIP_BODY)}
