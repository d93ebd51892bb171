"""What pages of the manual say of variables and files: all of them in auralis(1), of each verb those that it heeds."""

from __future__ import annotations

from collections.abc import Iterable

from auralis_cli.settings import SETTINGS, Setting, setting_of

Rows = list[tuple[str, str]]

CONFIG_FILE = "$XDG_CONFIG_HOME/auralis/config.toml"
LIBRARY_FILE = "$XDG_DATA_HOME/auralis/library.db"
_STATE = "$XDG_STATE_HOME/auralis/"
_CACHE = "$XDG_CACHE_HOME/auralis/"
_SOCKET = ("$XDG_RUNTIME_DIR/auralis/", "The socket of the player that runs, which only its owner can use.")
_JOBS = (f"{_STATE}jobs/", "Which runs go on, and which were interrupted: auralis-jobs(1).")
_UNDO = (f"{_STATE}undo/", "What the old bytes of changed files are made of again: auralis-undo(1).")
_TRASH = ("$XDG_DATA_HOME/Trash/, .Trash-UID/ of another drive", "Where files go that are replaced or removed.")
_KERNELS = (
    f"{_CACHE}kernels/",
    "Compiled signal processing, made on first use within some seconds; may be deleted at any time.",
)
_ONLINE = ("AURALIS_ONLINE_ENABLED", "Whether the program may ask servers at all: online.enabled.")
_TOKEN = ("AURALIS_SCROBBLE_TOKEN", "The token of the server, where scrobble.token_file names no file.")
_PLANS = (f"{_CACHE}plans/, gains/", "What was measured of files the library does not hold; may be deleted.")

# Of each verb what it reads and writes besides settings and library.
_FILES_OF: dict[str, tuple[tuple[str, str], ...]] = {
    "analyze": (_KERNELS, _JOBS),
    "art": (_UNDO, _TRASH),
    "cleanup": (_TRASH,),
    "completion": (
        ("share/bash-completion/completions/auralis", "Where an installation keeps the script of bash,"),
        ("share/zsh/site-functions/_auralis", "that of zsh,"),
        ("share/fish/vendor_completions.d/auralis.fish", "and that of fish, all below its prefix."),
    ),
    "ctl": (_SOCKET,),
    "db": (("library.db.backups/", "Beside the library: what it was before migrations and restorations."),),
    "doctor": (_KERNELS,),
    "duplicates": (_KERNELS, _TRASH),
    "export": (_JOBS, _TRASH),
    "fingerprint": (_KERNELS, _JOBS, ("*.25d", "Sidecars beside files, with --sidecars.")),
    "jobs": (_JOBS,),
    "lyrics": (("*.lrc", "Words beside the file of the same name."), _SOCKET),
    "master": (
        (f"{_STATE}receipts/", "What batches made, so that the next one skips it; may be deleted."),
        (f"{_CACHE}profiles/", "How references sound; may be deleted."),
        _KERNELS,
        _JOBS,
        _TRASH,
    ),
    "play": (
        _SOCKET,
        (f"{_STATE}player.log", "What the player says while a screen is shown."),
        _PLANS,
        (f"{_CACHE}covers/, waveforms/", "Covers and shapes as the screen shows them; may be deleted."),
        _KERNELS,
    ),
    "recommend": (_KERNELS,),
    "replaygain": (_KERNELS, _UNDO),
    "scan": ((".auralisignore", "In any folder: patterns of what scans pass over, as in .gitignore."), _JOBS),
    "similar": (_KERNELS,),
    "tag": (_UNDO,),
    "undo": (_UNDO, _TRASH),
    "verify": (_KERNELS,),
}
_VARIABLES_OF = {"art": (_ONLINE,), "scrobble": (_ONLINE, _TOKEN)}
# Of the other verbs' settings, what these heed as well.
_SECTIONS_OF = {"keys": ("play.keys",), "art": ("online.musicbrainz", "online.cover_art", "online.hosts")}
# What has nothing to do with the library, and what with no settings either.
_WITHOUT_LIBRARY = ("completion", "config", "keys", "presets")
_ALONE = ("completion",)


def environment_of(verb: str, options: Iterable[str]) -> Rows:
    """The variables that a verb heeds: of settings that are defaults of its options, and of places."""
    found = [setting_of(verb, option) for option in options]
    named = [SETTINGS[key] for key in _SECTIONS_OF.get(verb, ())]
    own = [one for one in SETTINGS.values() if one.section == verb]
    settings = dict.fromkeys(one for one in (*found, *own, *named) if one is not None)
    rows = [(one.variable, _said(one)) for one in settings] + list(_VARIABLES_OF.get(verb, ()))
    library = "" if verb in _WITHOUT_LIBRARY else "AURALIS_LIBRARY, "
    rows.append((f"AURALIS_HOME, {library}NO_COLOR and others", "What every verb heeds: see auralis(1)."))
    return rows


def _said(setting: Setting) -> str:
    return f"{setting.key}: {setting.help[:1].lower()}{setting.help[1:]}"


def files_of(verb: str) -> Rows:
    """The files that a verb reads and writes besides those it is given."""
    rows: Rows = []
    if verb not in _ALONE:
        rows.append((CONFIG_FILE, "Settings, of which auralis-config(5) tells."))
    if verb not in _WITHOUT_LIBRARY:
        rows.append((LIBRARY_FILE, "The library."))
    return [*rows, *_FILES_OF.get(verb, ()), ("$AURALIS_HOME", "Set, all places of the program are below it.")]
