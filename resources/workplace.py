"""One installation as a run sees it: its settings, catalogue, lake, keys and databases, each opened when first used."""

from __future__ import annotations

from functools import cached_property

from sqlalchemy import Engine

from disparity.catalogue import Catalogue, Policy
from disparity.catalogue.checks import predicates_of
from disparity.counts import Predicates
from disparity.datasets import Vocabulary
from disparity.datasets.vocabulary import vocabulary_of
from resources.catalogue import catalogue_hash, load_catalogue
from resources.databases import open_database
from resources.lake import Lake
from resources.pseudonyms import PseudonymKeys, load_keys
from resources.settings import Settings


class Workplace:
    """Everything outside the process that an asset may touch."""

    def __init__(self, settings: Settings) -> None:
        """Read the catalogue. Raises Refusal with every mistake in it."""
        self.settings = settings
        self.catalogue: Catalogue = load_catalogue(settings.catalogue)

    @cached_property
    def catalogue_sha256(self) -> str:
        """The hash over the catalogue's files."""
        return catalogue_hash(self.settings.catalogue)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The catalogue's allowed values."""
        return vocabulary_of(self.catalogue)

    @cached_property
    def predicates(self) -> Predicates:
        """The indicators' predicates as Polars expressions."""
        return predicates_of(self.catalogue)

    @cached_property
    def lake(self) -> Lake:
        """The owner-only lake below the storage folder."""
        return Lake(self.settings.storage / "lake")

    @cached_property
    def keys(self) -> PseudonymKeys:
        """The pseudonym keys, made on first use."""
        return load_keys(self.settings.key_file)

    @cached_property
    def internal(self) -> Engine:
        """The owner-only database."""
        return open_database("internal", self.settings.internal_url)

    @cached_property
    def results(self) -> Engine:
        """The database of what was released."""
        return open_database("results", self.settings.results_url)

    def policy(self, audience: str) -> Policy:
        """Return the disclosure policy of a released audience."""
        return self.catalogue.policies[self.catalogue.organisation.audiences[audience]]  # type: ignore[index]
