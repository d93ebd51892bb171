"""What is asked of the analysis beside the player: plans and loudness of what plays and of what comes next."""

from __future__ import annotations

from collections.abc import Callable

from auralis_cli.errors import AuralisError
from auralis_cli.model.live_mastering import LivePlan, MasteringWish, PlanStage
from auralis_cli.model.playback import PlayableTrack, TrackLevels
from auralis_cli.model.player_choices import NormalizeMode
from auralis_cli.player.inbox import Inbox, LevelsArrived, PlanArrived
from auralis_cli.player.normalization import is_level_known
from auralis_cli.player.ports import PlanSource
from auralis_cli.player.transport import Transport

# None: its loudness.
Question = tuple[PlayableTrack, MasteringWish | None]


def questions_of(transport: Transport) -> tuple[Question, ...]:
    """What is not known and should be, the most urgent last; the player's lock has to be held."""
    tracks, sound = transport.tracks_ahead(), transport.sound
    questions: list[Question] = []
    mark = transport.now().mark
    for track in reversed(tracks):
        is_solved = mark is not None and track is mark.track and mark.plan_stage is PlanStage.SOLVED
        wants_plan = sound.wants_plans and not is_solved
        if wants_plan:
            questions.append((track, sound.wish))
        # Sooner there than a plan, and what a track is heard at until then.
        if (wants_plan or sound.normalize is not NormalizeMode.OFF) and not is_level_known(track):
            questions.append((track, None))
    return tuple(questions)


class Asking:
    """Asks each question once and takes back what is of no use any more. Used by the conductor's thread."""

    def __init__(self, plans: PlanSource, inbox: Inbox) -> None:
        self._plans, self._inbox = plans, inbox
        self._asked: dict[tuple[str, MasteringWish | None], Callable[[], None]] = {}

    def ask(self, questions: tuple[Question, ...]) -> None:
        """These, and no others any more."""
        wanted = {(track.source.name, wish): track for track, wish in questions}
        for key in [key for key in self._asked if key not in wanted]:
            self._asked.pop(key)()
        for (name, wish), track in wanted.items():
            if (name, wish) not in self._asked:
                self._asked[name, wish] = self._put(track, wish)

    def close(self) -> None:
        """Nothing is of use any more."""
        self.ask(())

    def _put(self, track: PlayableTrack, wish: MasteringWish | None) -> Callable[[], None]:
        if wish is None:

            def measured(levels: TrackLevels | AuralisError) -> None:
                self._inbox.put(LevelsArrived(track, levels))

            return self._plans.measure(track, measured)

        def planned(plan: LivePlan | AuralisError) -> None:
            self._inbox.put(PlanArrived(track, wish, plan))

        return self._plans.request(track, wish, planned)
