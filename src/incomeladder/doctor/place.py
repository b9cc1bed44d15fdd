"""Where the program runs: language, encodings, the terminal, the folder for temporary files, the shell."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from incomeladder.doctor.check import Check
from incomeladder.errors import Reason

_SPOKEN: Final = "消底提低扩中"
"""The programme's own words: a terminal that cannot show these shows no Chinese."""
_NARROWEST: Final = 80
_ROOM: Final = 1_000_000_000
_OURS: Final = "INCOMELADDER_LANG"
_LOCALE: Final = (_OURS, "LC_ALL", "LC_MESSAGES", "LANG")
_SWITCHED_ON: Final = {
    "bash": (".bashrc", ".bash_profile", ".profile", ".local/share/bash-completion/completions/incomeladder"),
    "zsh": (".zshrc", ".zprofile", ".zshenv", ".zfunc/_incomeladder"),
    "fish": (".config/fish/completions/incomeladder.fish", ".config/fish/config.fish"),
}
"""Where completion is switched on, below a person's own folder."""


def language(chosen: str) -> Check:
    """The language that people are spoken to in, and what of their surroundings speaks of one."""
    said = [f"{name}={os.environ[name]}" for name in _LOCALE if os.environ.get(name)]
    named = os.environ.get(_OURS, "")
    if named and not named.lower().startswith(("zh", "en")):
        facts: dict[str, object] = {"variable": _OURS, "named": named}
        return Check("language", Reason("doctor_language_unknown", facts), "warning", Reason("doctor_languages"))
    key = "doctor_language" if said else "doctor_language_unsaid"
    return Check("language", Reason(key, {"language": chosen, "said": said}))


def encodings() -> tuple[Check, ...]:
    """Whether Chinese can be written to standard output, and in names of files."""
    output = getattr(sys.stdout, "encoding", None) or "ascii"
    names = sys.getfilesystemencoding()
    shown = _can_say(output)
    return (
        Check("encoding", Reason("doctor_encoding", {"encoding": output}))
        if shown
        else Check("encoding", Reason("doctor_encoding_poor", {"encoding": output}), "warning", Reason("doctor_utf8")),
        Check("file_names", Reason("doctor_names", {"encoding": names}))
        if _can_say(names)
        else Check("file_names", Reason("doctor_names_poor", {"encoding": names}), "warning", Reason("doctor_utf8")),
    )


def _can_say(encoding: str) -> bool:
    try:
        _SPOKEN.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def terminal() -> Check:
    """Whether standard output is a terminal, how wide, and whether it shows colour."""
    facts: dict[str, object] = {"terminal": os.environ.get("TERM") or "?"}
    if sys.stdout is None or not sys.stdout.isatty():
        return Check("terminal", Reason("doctor_no_terminal"))
    facts["columns"] = shutil.get_terminal_size().columns
    if shutil.get_terminal_size().columns < _NARROWEST:
        advice = Reason("doctor_widen", {"least": _NARROWEST})
        return Check("terminal", Reason("doctor_narrow", facts), "warning", advice)
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return Check("terminal", Reason("doctor_terminal_plain" if plain else "doctor_terminal", facts))


def temporary() -> Check:
    """Whether what is put down on the way has a place, and room there."""
    advice = Reason("doctor_other_temporary")
    try:
        folder = tempfile.gettempdir()
        with tempfile.NamedTemporaryFile(prefix="incomeladder-") as file:
            file.write(b"0" * 4096)
            file.flush()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        facts: dict[str, object] = {"detail": error.strerror or error}
        return Check("temporary", Reason("doctor_no_temporary", facts), "problem", advice)
    facts = {"file": folder, "room": f"{free / 1e9:.1f}"}
    if free < _ROOM:
        return Check("temporary", Reason("doctor_little_room", facts), "warning", advice)
    return Check("temporary", Reason("doctor_temporary", facts))


def completion() -> Check:
    """Whether the shell of whoever asks completes command lines; none has to."""
    shell = Path(os.environ.get("SHELL", "")).name
    if shell not in _SWITCHED_ON:
        return Check("completion", Reason("doctor_completion_unknown"))
    where = next((path for path in _places(shell) if _speaks_of_us(path)), None)
    if where is None:
        return Check("completion", Reason("doctor_completion_off", {"shell": shell}))
    return Check("completion", Reason("doctor_completion", {"shell": shell, "file": where}))


def _places(shell: str) -> list[Path]:
    try:
        home = Path.home()
    except RuntimeError:  # of a user whom the system does not know
        return []
    return [home / name for name in _SWITCHED_ON[shell]]


def _speaks_of_us(path: Path) -> bool:
    try:
        text = path.read_text("utf-8", "replace")
    except OSError:
        return False
    return "incomeladder completion" in text or "_INCOMELADDER_COMPLETE" in text
