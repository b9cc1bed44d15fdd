"""Chinese."""

from incomeladder.render.wording.zh import help as help_words
from incomeladder.render.wording.zh import indicators, ledger, reports, surveys, usage, watch

WORDS = {
    **usage.WORDS,
    **surveys.WORDS,
    **reports.WORDS,
    **ledger.WORDS,
    **indicators.WORDS,
    **watch.WORDS,
    **help_words.WORDS,
}
