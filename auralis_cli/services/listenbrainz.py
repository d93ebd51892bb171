"""ListenBrainz, and servers that speak as it does: what is told of plays, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from auralis_cli.errors import OnlineError
from auralis_cli.model.listens import Listen
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.access_token import AccessToken
from auralis_cli.services.web_client import WebAnswer, WebClient

# Servers take a thousand; fewer make a request that a slow line carries in time.
MOST_AT_ONCE = 100
_DENIED = (401, 403)
_BAD_REQUEST = (400, 413, 422)


class Verdict(StrEnum):
    """What became of something that a server was told."""

    TAKEN = "taken"
    # What was told is not as the server wants it, and never will be.
    REFUSED = "refused"
    # The token is.
    DENIED = "denied"
    # Nothing is wrong with it: to be tried again.
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Submitted:
    """A verdict, with the reason where it is a bad one, and how long the server wants to be left alone."""

    verdict: Verdict
    why: str = ""
    wait_s: float | None = None


class ListenServer:
    """Tells one server of plays."""

    def __init__(self, web: WebClient, address: str, token: AccessToken) -> None:
        self._web = web
        self._submit = f"{address}/1/submit-listens"
        self._validate = f"{address}/1/validate-token"
        self._token = token

    def playing_now(self, metadata: Mapping[str, object]) -> Submitted:
        """What plays at this moment; not kept by servers, nor told again."""
        return self._told({"listen_type": "playing_now", "payload": [{"track_metadata": metadata}]})

    def submit(self, listens: Sequence[Listen]) -> Submitted:
        """Some plays at once, `MOST_AT_ONCE` at most: all of them are taken, or none."""
        payload = [{"listened_at": one.listened_at, "track_metadata": one.metadata} for one in listens]
        return self._told({"listen_type": "single" if len(payload) == 1 else "import", "payload": payload})

    def check(self) -> Submitted:
        """Whether the server knows the token; where it does, `why` is the name of its user."""
        try:
            answer = self._web.get(self._validate, token=self._token)
            if not answer.is_good:
                return self._judged(answer)
            told = answer.document()
        except OnlineError as error:
            return Submitted(Verdict.LATER, self._token.hidden_in(str(error)))
        if not isinstance(told, dict):
            return Submitted(Verdict.LATER, f"{answer.place} does not answer as such servers do")
        if told.get("valid") is not True:
            return Submitted(Verdict.DENIED, "the server does not know the token")
        return Submitted(Verdict.TAKEN, self._token.hidden_in(str(told.get("user_name", ""))[:100]))

    def _told(self, document: Mapping[str, object]) -> Submitted:
        try:
            return self._judged(self._web.post(self._submit, document, token=self._token))
        except OnlineError as error:
            return Submitted(Verdict.LATER, self._token.hidden_in(str(error)))

    def _judged(self, answer: WebAnswer) -> Submitted:
        if answer.is_good:
            # A page in the place of an answer is one of whoever stands before the server.
            if answer.body.strip() and not isinstance(answer.document(), dict):
                return Submitted(Verdict.LATER, f"{answer.place} does not answer as such servers do")
            return Submitted(Verdict.TAKEN)
        # A server may repeat what it was sent.
        why = self._token.hidden_in(f"{answer.place} {answer.problem()}")
        if answer.status in _DENIED:
            return Submitted(Verdict.DENIED, why)
        if answer.status in _BAD_REQUEST:
            return Submitted(Verdict.REFUSED, why)
        return Submitted(Verdict.LATER, why, answer.wait_s)
