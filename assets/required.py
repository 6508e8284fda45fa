"""Required: the one step that fails where an extract is lacking that the quarter cannot do without; it says which and why.

What follows of that quarter is skipped, not failed, so that one sentence is red and not a dozen steps; other quarters
are not touched.
"""

from collections.abc import Iterator

import dagster as dg

from assets.naming import described, tags_of, team
from assets.partitions import quarter_of, quarters_of
from assets.stopping import stop, stops_in_words
from disparity.catalogue import Catalogue
from disparity.datasets import DATASETS
from resources.workplace import Workplace

KEY = dg.AssetKey(["quality", "required_extracts"])


def required_asset(catalogue: Catalogue) -> dg.AssetsDefinition:
    """Make the asset that stands for every required extract of a quarter."""
    required = catalogue.organisation.required_datasets

    @dg.asset(
        key=KEY,
        deps=[dg.AssetKey(["records", name]) for name in DATASETS if name in required],
        partitions_def=quarters_of(catalogue.organisation),
        group_name="quality",
        kinds={"python"},
        owners=[team(catalogue)],
        tags=tags_of("quality"),
        description="Every extract that the catalogue requires was received. Where one was not, the run fails here.",
        code_version=described(__name__),
    )
    @stops_in_words
    def required_extracts(
        context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]
    ) -> Iterator[dg.MaterializeResult[None]]:
        from assets.holding import hold_for_extracts
        from assets.lacking import lacking, not_released
        from disparity.audiences import RELEASED

        quarter = quarter_of(context)
        missed = lacking(workplace, quarter)
        if missed:
            for audience in RELEASED:
                hold_for_extracts(workplace, audience, quarter, missed)
            raise stop(not_released(quarter, missed))
        yield dg.MaterializeResult(metadata={"required": len(required), "in words": "all received"})

    return required_extracts
