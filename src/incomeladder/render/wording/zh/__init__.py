"""Chinese."""

from incomeladder.render.wording.zh import (
    audit,
    columns,
    doctor,
    indicators,
    ledger,
    page,
    project,
    reports,
    surveys,
    trajectories,
    usage,
    values,
    watch,
    workbook,
)
from incomeladder.render.wording.zh import help as help_words

WORDS = {
    **usage.WORDS,
    **surveys.WORDS,
    **reports.WORDS,
    **values.WORDS,
    **columns.WORDS,
    **ledger.WORDS,
    **indicators.WORDS,
    **trajectories.WORDS,
    **audit.WORDS,
    **project.WORDS,
    **watch.WORDS,
    **workbook.WORDS,
    **page.WORDS,
    **doctor.WORDS,
    **help_words.WORDS,
}
