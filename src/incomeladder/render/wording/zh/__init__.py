"""Chinese."""

from incomeladder.render.wording.zh import help as help_words
from incomeladder.render.wording.zh import reports, surveys, usage

WORDS = {**usage.WORDS, **surveys.WORDS, **reports.WORDS, **help_words.WORDS}
