"""Survey questions: text, theme, scale, favourable answers and their number in each year's questionnaire."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from disparity.catalogue.indicators import Theme
from disparity.datasets.lists import Distinct
from disparity.model import Model, Name, Text


class Question(Model):
    """One closed question of the survey or the exit interview; its name is the column of its answers."""

    text: Text
    theme: Theme
    scale: Name
    favourable: tuple[Text, ...]
    number: dict[int, Annotated[str, Field(pattern=r"^[A-Za-z]?\d+[a-z]?$")]] = Field(
        default_factory=dict, description="number in the questionnaire, by survey year"
    )


class Survey(Model):
    """The answer scales, in order, and the questions asked on them."""

    scales: dict[Name, Distinct]
    staff_survey: dict[Name, Question]
    exit_interviews: dict[Name, Question]

    @model_validator(mode="after")
    def _answers_are_on_the_scale(self) -> Survey:
        for name, question in {**self.staff_survey, **self.exit_interviews}.items():
            if question.scale not in self.scales:
                raise ValueError(
                    f"{name}: no scale {question.scale}; the scales are {', '.join(self.scales)}"
                )
            unknown = set(question.favourable) - set(self.scales[question.scale])
            if unknown:
                raise ValueError(f"{name}: favourable answers not on scale {question.scale}")
        return self

    def answers(self, dataset: str, question: str) -> tuple[str, ...]:
        """Return the allowed answers of a question, in the order of its scale."""
        asked = self.staff_survey if dataset == "staff_survey" else self.exit_interviews
        return self.scales[asked[question].scale]
