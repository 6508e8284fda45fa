"""Release: what may be said of a quarter to an audience, checked, then frozen as the very files that will be published."""

from collections.abc import Iterator

import dagster as dg

from assets.naming import described, tags_of, team
from assets.partitions import quarter_of, quarters_of
from assets.stopping import stop, stops_in_words
from disparity.audiences import RELEASED
from disparity.catalogue import Catalogue
from resources.workplace import Workplace

CHECKS = {
    "required_datasets_received": "Every dataset the catalogue requires was received and not refused.",
    "every_row_accounted_for": "In every extract, rows received are rows accepted plus rows rejected.",
    "no_small_count_is_told": "No figure rests on a count that the audience's policy hides.",
    "nobody_can_be_recovered": "An attacker with all reports is left enough values for every hidden count.",
    "every_number_has_an_origin": "Every number in the files follows from the release; none names this machine.",
    "release_reads_back": "The frozen release, read back, is the release.",
}

WARNINGS = {
    "revisions_have_reasons": "Every quarter of which published figures are others now has its reason in the catalogue."
}


def release_asset(catalogue: Catalogue, audience: str) -> dg.AssetsDefinition:
    """Make one audience's release."""
    key = dg.AssetKey([audience, "release"])
    quarters = quarters_of(catalogue.organisation)

    @dg.asset(
        key=key,
        deps=[dg.AssetKey([audience, "estimates"]), dg.AssetKey(["quality", "expectations"])],
        partitions_def=quarters,
        group_name=f"{audience}_report",
        kinds={"matplotlib", "html"},
        owners=[team(catalogue)],
        tags=tags_of("release", audience),
        description=f"What may be said of the quarter to the {audience} audience, frozen as the files to be published.",
        code_version=described(__name__),
        check_specs=[
            dg.AssetCheckSpec(
                name, asset=key, partitions_def=quarters, blocking=name in CHECKS, description=words
            )
            for name, words in (CHECKS | WARNINGS).items()
        ],
    )
    @stops_in_words
    def release(
        context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]
    ) -> Iterator[object]:
        from assets.approving import offer_of
        from assets.estimating import current_estimates
        from assets.holding import hold
        from assets.noticing import noticed
        from assets.overtaking import refuse_overtaking, released_without
        from assets.provenance import with_provenance
        from assets.releasing import (
            build_release,
            freeze,
            headline_image,
            judge_release,
            render,
            warn_of_release,
        )

        quarter = quarter_of(context)
        estimates, analyses = current_estimates(workplace, audience, quarter)
        built = build_release(workplace, audience, quarter, estimates, analyses)
        files = with_provenance(workplace, quarter, render(workplace, built))
        verdicts = judge_release(workplace, built, files)
        for name, (passed, words) in (verdicts | warn_of_release(built)).items():
            yield dg.AssetCheckResult(
                check_name=name,
                passed=passed,
                severity=dg.AssetCheckSeverity.ERROR if name in CHECKS else dg.AssetCheckSeverity.WARN,
                metadata={"in words": words},
            )
        # Everybody who may see this page may read the restricted report; the public one's policy shows less.
        notices = list(dict.fromkeys(noticed(workplace, quarter, workplace.policy("restricted"))))
        for words in notices if audience == RELEASED[0] else ():  # once a run
            context.log.warning(words)
        failed = {name: words for name, (passed, words) in verdicts.items() if not passed}
        if failed:
            hold(workplace, built, failed)
            said = "; ".join(f"{name}: {words}" for name, words in failed.items())
            raise stop(f"{quarter.words} is not released to the {audience} audience. {said}")
        refuse_overtaking(workplace, audience, quarter)
        entry, content = freeze(workplace, built, files)
        without = ", ".join(each.words for each in released_without(workplace, audience, quarter))
        image = headline_image(built, catalogue)
        offer = offer_of(workplace, audience, quarter)
        metadata: dict[str, object] = {
            "headlines": dg.MetadataValue.md(
                "\n".join(f"- {each}" for each in entry.facts["headlines"]) or "none"
            ),
            "release": offer.release,
            "content sha256": content,
            "approved by": offer.approved_by or "nobody yet",
            "files that differ from what was published": "nothing was published before"
            if offer.differ is None
            else ", ".join(offer.differ) or "none",
            "made by": offer.software,
            "later quarters to make again, released without this one": without or "none",
            "what its readers must know": dg.MetadataValue.md(
                "\n".join(f"- {each}" for each in notices) or "none"
            ),
        }
        if image is not None:
            metadata["chart"] = dg.MetadataValue.md(image)
        yield dg.MaterializeResult(data_version=dg.DataVersion(content), metadata=metadata)  # type: ignore[arg-type]

    return release
