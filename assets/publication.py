"""Publication: the approved release as files that a plain web server can serve, and the index over all quarters."""

import getpass
from collections.abc import Iterator

import dagster as dg

from assets.naming import described, team
from assets.partitions import quarter_of, quarters_of
from assets.stopping import stops_in_words
from disparity.catalogue import Catalogue
from resources.workplace import Workplace

EVEN_IF_EMPTY = "even_if_empty"
"""The tag of a run that publishes a report without a figure, which has to be asked for."""


def publication_asset(catalogue: Catalogue, audience: str) -> dg.AssetsDefinition:
    """Make one audience's publication. Where approval is required, running it is the approval and is recorded as such."""

    @dg.asset(
        key=dg.AssetKey([audience, "publication"]),
        deps=[dg.AssetKey([audience, "release"])],
        partitions_def=quarters_of(catalogue.organisation),
        group_name=f"{audience}_report",
        kinds={"html"},
        owners=[team(catalogue)],
        description=f"The {audience} report as files. Materialising it from the interface approves the latest release. "
        f"A report without a figure is published where the run has the tag {EVEN_IF_EMPTY}.",
        code_version=described(__name__),
    )
    @stops_in_words
    def publication(
        context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]
    ) -> Iterator[dg.MaterializeResult[None]]:
        from assets.publishing import approve_release, publish, refuse_empty

        quarter = quarter_of(context)
        if EVEN_IF_EMPTY not in context.run.tags:
            refuse_empty(workplace, audience, quarter)
        on_record = "not required by the catalogue"
        if catalogue.organisation.approval_required:
            on_record = approve_release(workplace, audience, quarter, _approver(context))
        page = publish(workplace, audience, quarter)
        yield dg.MaterializeResult(
            metadata={
                "page": str(page.relative_to(workplace.settings.storage)),
                "approved by": on_record,
            }
        )

    return publication


def _approver(context: dg.AssetExecutionContext) -> str:
    """Return who stands behind this run: the name given with it, or the account that Dagster runs under."""
    account = f"{getpass.getuser()}, through Dagster run {context.run.run_id[:8]}"
    given: str = context.run.tags.get("approved_by", context.run.tags.get("user") or account)
    return given
