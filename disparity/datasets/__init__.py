"""The datasets the pipeline knows, in the order they are read."""

from __future__ import annotations

from disparity.datasets import learning_budget, leavers, recruitment, staff_in_post, told_in_confidence
from disparity.datasets.contract import Dataset, Vocabulary

DATASETS: dict[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        staff_in_post.DATASET,
        told_in_confidence.STAFF_SURVEY,
        recruitment.DATASET,
        learning_budget.DATASET,
        leavers.DATASET,
        told_in_confidence.EXIT_INTERVIEWS,
    )
}

__all__ = ["DATASETS", "Dataset", "Vocabulary"]
