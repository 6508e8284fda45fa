"""The sample generator: extracts of invented organisations with known disparities planted in them."""

from __future__ import annotations

from pipelines.sample.extracts import write_sample

__all__ = ["write_sample"]
