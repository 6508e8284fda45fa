"""Publication: the approved release as files that a plain web server can serve, and the index over all quarters."""

from collections.abc import Iterator

import dagster as dg

from assets.approval import Approval
from assets.naming import described, tags_of, team
from assets.partitions import quarter_of, quarters_of
from assets.stopping import stops_in_words
from disparity.catalogue import Catalogue
from disparity.refusal import refuse
from resources.workplace import Workplace

EVEN_IF_EMPTY = "even_if_empty"
"""The tag of a run that publishes a report without a figure, which has to be asked for."""

_BACKFILL = "dagster/backfill"  # Dagster's own tag of the runs of a backfill


def publication_asset(catalogue: Catalogue, audience: str) -> dg.AssetsDefinition:
    """Make one audience's publication. Where approval is required, running it is the approval and is recorded as such."""
    approval_required = catalogue.organisation.approval_required

    @dg.asset(
        key=dg.AssetKey([audience, "publication"]),
        deps=[dg.AssetKey([audience, "release"])],
        partitions_def=quarters_of(catalogue.organisation),
        group_name=f"{audience}_report",
        kinds={"html"},
        owners=[team(catalogue)],
        tags=tags_of("publication", audience),
        description=f"The {audience} report as files. Materialising it approves the latest release of one quarter, by the "
        f"name and the release that the dialog asks for. A report without a figure is published where the run has the tag "
        f"{EVEN_IF_EMPTY}.",
        code_version=described(__name__),
    )
    @stops_in_words
    def publication(
        context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace], approval: Approval
    ) -> Iterator[dg.MaterializeResult[None]]:
        from assets.approving import approve_release, offer_of
        from assets.publishing import publish, refuse_empty

        if approval_required:
            _refuse_backfill(context)
        quarter = quarter_of(context)
        offer = offer_of(workplace, audience, quarter)
        if EVEN_IF_EMPTY not in context.run.tags:
            refuse_empty(workplace, audience, quarter)
        on_record = "not required by the catalogue"
        if approval_required:
            given = approval.approved_by, approval.releases
            on_record = approve_release(workplace, audience, quarter, *given)
        # Not before: it would tell whoever names another release what to name.
        context.log.info(f"{quarter.words}, to be published: {offer.words}")
        page = publish(workplace, audience, quarter)
        yield dg.MaterializeResult(
            metadata={
                "page": str(page.relative_to(workplace.settings.storage)),
                "approved by": on_record,
                "release": offer.release,
                "what it changed": offer.differences,
            }
        )

    return publication


def _refuse_backfill(context: dg.AssetExecutionContext) -> None:
    """Raise Refusal where quarters are published by a backfill: whoever approves looks at each."""
    if _BACKFILL in context.run.tags or len(context.partition_keys) > 1:
        raise refuse(
            "a backfill approves nothing",
            where="the publication of several quarters at once",
            rule="a named person approves each quarter's release, having looked at it",
            do="run the job `publish` for one quarter at a time",
        )
