"""One installation as a run sees it: settings, catalogue, lake, keys and databases, each opened when first used.

What opens them is imported then too: Dagster loads this module whenever it loads the code location.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from disparity.catalogue import Catalogue, Policy
from disparity.catalogue.checks import predicates_of
from disparity.catalogue.vocabulary import vocabulary_of
from disparity.datasets import Vocabulary
from resources.catalogue import load_catalogue, method_of
from resources.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from disparity.counts.counting import Predicates
    from resources.belonging import Stores
    from resources.lake import Lake
    from resources.pseudonyms import PseudonymKeys


class Workplace:
    """Everything outside the process that an asset may touch."""

    def __init__(self, settings: Settings) -> None:
        """Read the catalogue. Raises Refusal with every mistake in it."""
        self.settings = settings
        self.catalogue: Catalogue = load_catalogue(settings.catalogue)

    @cached_property
    def method(self) -> Mapping[str, str]:
        """The sha256 of each part of the catalogue's method."""
        return method_of(self.settings.catalogue)

    @property
    def method_sha256(self) -> str:
        """One sha256 over all parts of the catalogue's method."""
        return hashlib.sha256("".join(self.method.values()).encode()).hexdigest()

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The catalogue's allowed values."""
        return vocabulary_of(self.catalogue)

    @cached_property
    def predicates(self) -> Predicates:
        """The indicators' predicates as Polars expressions."""
        return predicates_of(self.catalogue)

    @cached_property
    def stores(self) -> Stores:
        """The lake and the two databases. Raises Refusal where one cannot be used, or does not belong to the others."""
        from resources.belonging import open_stores

        return open_stores(self.settings)

    @property
    def lake(self) -> Lake:
        """The owner-only lake below the storage folder."""
        return self.stores.lake

    @cached_property
    def keys(self) -> PseudonymKeys:
        """The pseudonym keys, made on first use."""
        from resources.pseudonyms import load_keys

        return load_keys(self.settings.key_file, self.settings.storage / "lake")

    @property
    def internal(self) -> Engine:
        """The owner-only database."""
        return self.stores.internal

    @property
    def results(self) -> Engine:
        """The database of what was released."""
        return self.stores.results

    def open_stores(self) -> None:
        """Open lake and databases, so that one that cannot be used is refused before anything is written."""
        _ = self.stores

    def policy(self, audience: str) -> Policy:
        """Return the disclosure policy of a released audience."""
        return self.catalogue.policies[self.catalogue.organisation.audiences[audience]]  # type: ignore[index]
