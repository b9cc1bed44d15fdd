"""Text in any encoding to UTF-8; run as a script, a part of a file in a process of its own.

Only the standard library is imported, and little of it: the script has to be at work within milliseconds.
"""

import codecs
import sys

# In bytes. What is decoded at once stays in the processor's cache: blocks of megabytes take a quarter longer.
_BLOCK = 1 << 14
_BUFFER = 1 << 18


def copy(source: str, target: str, codec: str, start: int, stop: int) -> None:
    """Write the bytes of ``source`` from ``start`` up to ``stop`` to ``target`` as UTF-8.

    Raises UnicodeError for what is not in the encoding, a character that ``stop`` cuts in two among it.
    """
    decoder = codecs.getincrementaldecoder(codec)("strict")
    with (
        open(source, "rb", buffering=_BUFFER) as read,  # noqa: PTH123 - pathlib is slow to import
        open(target, "w", buffering=_BUFFER, encoding="utf-8", newline="") as written,  # noqa: PTH123
    ):
        read.seek(start)
        blocks = (read.read(min(_BLOCK, stop - place)) for place in range(start, stop, _BLOCK))
        written.writelines(map(decoder.decode, blocks))
        written.write(decoder.decode(b"", final=True))


if __name__ == "__main__":
    _source, _target, _codec, _start, _stop = sys.argv[1:]
    copy(_source, _target, _codec, int(_start), int(_stop))
