"""Approval: what a run that publishes is given in Dagster's dialog. Nothing of it is taken from a tag or an account."""

import dagster as dg
from pydantic import Field


class Approval(dg.ConfigurableResource[None]):
    """Who approves which releases: a name, and what restricted/release and published/release call `release`."""

    approved_by: str = Field(
        description="Who read the reports and approves them: a name, which stays on record."
    )
    releases: list[str] = Field(
        description="Which releases those were: what the metadata of restricted/release and of published/release call "
        "`release` for this quarter, such as [restricted-3f2a1b4c5d6e, published-9bc1d2e3f405]."
    )


def approval_resource(*, required: bool) -> Approval:
    """Return the resource of a code location: asked for at every launch, or given once where nobody has to approve."""
    if required:
        return Approval.configure_at_launch()  # type: ignore[return-value]
    return Approval(approved_by="", releases=[])
