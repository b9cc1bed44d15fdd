"""The ledger: a folder of rounds, each committed by one rename and proved by its digest at every reading.

LEDGER/rounds/round=NAME/households.parquet   households sorted by unique id; money as decimals, yuan
LEDGER/rounds/round=NAME/_round.json          the round's record (``record``)
LEDGER/measures.ndjson                        the log of measures taken (``log``)
LEDGER/arriving/round=NAME/                   several rounds that were committed together, on their way into rounds/
LEDGER/.staged-*  LEDGER/.lock                what a writer is about to commit, and the lock that it holds

Readers wait for nobody and change nothing. Spark, DuckDB and polars read ``rounds/`` as it lies.
"""
