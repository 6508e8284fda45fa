"""The three states an extract can be in."""

from typing import Final, Literal

State = Literal["received", "not received", "refused"]

RECEIVED: Final = "received"
NOT_RECEIVED: Final = "not received"
REFUSED: Final = "refused"
