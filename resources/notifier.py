"""Telling people outside Dagster: Microsoft Teams by webhook, or e-mail, where the settings name them."""

from __future__ import annotations

import json
import smtplib
import urllib.request
from email.message import EmailMessage

from resources.settings import Settings

WAIT_SECONDS = 20


def notify(settings: Settings, message: str) -> list[str]:
    """Send one sentence to every place that is set; return the names of those that took it.

    The message names a job and a quarter, never a row or a count. A place that does not answer raises: the sensor that
    called is then marked failed in Dagster, where somebody looks.
    """
    told = []
    if settings.teams_webhook:
        _post(settings.teams_webhook, message)
        told.append("teams")
    if settings.mail_to and settings.mail_server:
        _mail(settings.mail_server, settings.mail_to, message)
        told.append("mail")
    return told


def _post(url: str, message: str) -> None:
    if not url.startswith(("https://", "http://127.0.0.1:")):
        raise ValueError("the Teams webhook must be an https address")
    card = {
        "type": "message",
        "attachments": [
            {
                "contentType": "application/vnd.microsoft.card.adaptive",
                "content": {
                    "type": "AdaptiveCard",
                    "version": "1.4",
                    "body": [{"type": "TextBlock", "text": message, "wrap": True}],
                },
            }
        ],
    }
    request = urllib.request.Request(  # noqa: S310 - the scheme is checked above
        url, data=json.dumps(card).encode(), headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=WAIT_SECONDS):  # noqa: S310
        pass


def _mail(server: str, to: str, message: str) -> None:
    letter = EmailMessage()
    letter["Subject"] = "Race equality pipeline: a run failed"
    letter["From"] = letter["To"] = to
    letter.set_content(message)
    host, _, port = server.partition(":")
    with smtplib.SMTP(host, int(port or 25), timeout=WAIT_SECONDS) as session:
        session.send_message(letter)
