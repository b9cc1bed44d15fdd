"""English."""

from incomeladder.render.wording.en import help as help_words
from incomeladder.render.wording.en import reports, surveys, usage

WORDS = {**usage.WORDS, **surveys.WORDS, **reports.WORDS, **help_words.WORDS}
