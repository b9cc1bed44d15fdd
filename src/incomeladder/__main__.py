"""Run the command line: ``python -m incomeladder``."""
