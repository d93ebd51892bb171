"""What sounds like a track: looked for by the verb that lists, beside the screen."""

from __future__ import annotations

from collections.abc import Sequence

from auralis_cli.services.background_verbs import BackgroundVerbs, JobState, VerbJob

_MOST_ALIKE = 50


class AlikeSearch:
    """The search that was begun last."""

    def __init__(self, jobs: BackgroundVerbs) -> None:
        self._jobs = jobs
        self._job_id = 0
        self._found: list[int] = []

    def begin(self, track_id: int) -> None:
        """Looks for what sounds like that track."""
        found: list[int] = []
        words = ("list", "--jsonl", "--limit", str(_MOST_ALIKE), f"like:{track_id}")
        self._job_id = self._jobs.begin("More like this", words, lambda told: found.append(told["id"]))
        self._found = found

    def found_by(self, job: VerbJob) -> Sequence[int]:
        """The ids of what that job has found, once it is done; none where it is another."""
        return self._found if job.id == self._job_id and job.state is JobState.DONE else ()
