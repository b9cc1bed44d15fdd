"""The shells that complete command lines: what each is told once, how it asks, and in what form it is answered.

A shell asks with two variables of the environment: its name, and the command line up to the cursor. It is answered in
lines: ``files`` or ``words``, whether the names of files may stand there too, then a candidate a line, with what is
told of it after a tab.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from incomeladder.render.safe import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from incomeladder.cli.completing import Offer

ASKING: Final = "_INCOMELADDER_COMPLETE"
LINE: Final = "_INCOMELADDER_LINE"
_BREAKS: Final = "=:"
"""Where bash begins a word anew: it wants no more than what comes after."""

_BASH: Final = r"""
_incomeladder() {
    local kind= line
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ -z $kind ]]; then kind=$line; else COMPREPLY+=("${line%%$'\t'*}"); fi
    done < <(_INCOMELADDER_COMPLETE=bash _INCOMELADDER_LINE="${COMP_LINE:0:COMP_POINT}" "${1/#\~/$HOME}" 2>/dev/null)
    [[ $kind == files ]] || compopt +o default 2>/dev/null
    [[ ${COMPREPLY-} != *= ]] || compopt -o nospace 2>/dev/null
}
complete -o default -F _incomeladder incomeladder
"""
_ZSH: Final = r"""
#compdef incomeladder
_incomeladder() {
    local kind= line value
    local -a told open
    while IFS= read -r line; do
        if [[ -z $kind ]]; then kind=$line; continue; fi
        value=${line%%$'\t'*}
        [[ $line == *$'\t' ]] && line=${value//:/\\:} || line=${value//:/\\:}:${line#*$'\t'}
        if [[ $value == *= ]]; then open+=("$line"); else told+=("$line"); fi
    done < <(_INCOMELADDER_COMPLETE=zsh _INCOMELADDER_LINE="${words[1,CURRENT-1]} $PREFIX" ${~words[1]} 2>/dev/null)
    (( $#told )) && _describe -V -t candidates candidate told
    (( $#open )) && _describe -V -t candidates candidate open -S ''
    [[ $kind != files ]] || { compset -P '--*='; _files }
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
if [[ ${zsh_eval_context[-1]} == loadautofunc ]]; then _incomeladder "$@"; else compdef _incomeladder incomeladder; fi
"""
_FISH: Final = r"""
function __incomeladder_complete
    set -l line (commandline -cp)
    set -l told (env _INCOMELADDER_COMPLETE=fish _INCOMELADDER_LINE="$line" incomeladder 2>/dev/null)
    test (count $told) -lt 2; or printf '%s\n' $told[2..-1]
    test "$told[1]" = files; or return
    set -l option (string match --regex '^--[^=]*=' -- (commandline -ct))
    for path in (__fish_complete_path (string replace --regex '^--[^=]*=' '' -- (commandline -ct)))
        echo "$option$path"
    end
end
complete --command incomeladder --no-files --keep-order --arguments '(__incomeladder_complete)'
"""
_POWERSHELL: Final = r"""
Register-ArgumentCompleter -Native -CommandName incomeladder -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $line = $commandAst.ToString()
    $cursor = $cursorPosition - $commandAst.Extent.StartOffset
    $line = if ($cursor -gt $line.Length) { "$line " } else { $line.Substring(0, $cursor) }
    $Env:_INCOMELADDER_COMPLETE = 'powershell'
    $Env:_INCOMELADDER_LINE = $line
    try { $told = @(incomeladder 2>$null) }
    finally { Remove-Item Env:_INCOMELADDER_COMPLETE, Env:_INCOMELADDER_LINE }
    $told | Select-Object -Skip 1 | ForEach-Object {
        $value, $tip = $_ -split "`t", 2
        $shown = $value.Trim("'")
        if (-not $tip) { $tip = $shown }
        [System.Management.Automation.CompletionResult]::new($value, $shown, 'ParameterValue', $tip)
    }
}
"""
SCRIPTS: Final = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH, "powershell": _POWERSHELL}
_MEANS_NOTHING_TO_POWERSHELL: Final = re.compile(r"[\w=./+-]+")


def typed(line: str, shell: str) -> tuple[list[str], str]:
    """The whole words of a command line after the program, and what there is of the one that is begun."""
    import shlex  # noqa: PLC0415  (every command imports this module)

    lexer = shlex.shlex(line, posix=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    lexer.escape = "`" if shell == "powershell" else "\\"
    words: list[str] = []
    try:
        words.extend(lexer)
    except ValueError:  # a quote that nobody has closed yet, or a last character that quotes the next
        return words[1:], (lexer.token or "").removesuffix(lexer.escape)
    if line[-1:].isspace() or len(words) < 2:  # noqa: PLR2004  (the program, and a word)
        return words[1:], ""
    return words[1:-1], words[-1]


def answer(offer: Offer, begun: str, line: str, shell: str) -> Iterator[str]:
    """The lines that a shell is answered with."""
    yield "files" if offer.files else "words"
    # These two offer files only where nothing else is offered.
    candidates: Iterable[tuple[str, str]] = () if offer.files and shell in {"bash", "powershell"} else offer.candidates
    for value, told in candidates:
        yield f"{_written(value, begun, line, shell)}\t{safe(told)}"


def _written(value: str, begun: str, line: str, shell: str) -> str:
    """A candidate as it has to stand on the command line; fish and zsh see to that themselves."""
    if shell == "powershell":  # @2024 alone is a variable to it
        return value if _MEANS_NOTHING_TO_POWERSHELL.fullmatch(value) else f"'{value}'"
    if shell != "bash" or _is_quoted(line):
        return value
    there = max(map(begun.rfind, _BREAKS)) + 1
    return value[there:].replace(" ", "\\ ")


def _is_quoted(line: str) -> bool:
    return line.rpartition(" ")[2][:1] in {"'", '"'}
