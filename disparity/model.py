"""What every catalogue model shares: no unknown keys, no change after loading."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]


class Model(BaseModel):
    """A part of the catalogue: unknown keys are refused and the loaded value does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)
