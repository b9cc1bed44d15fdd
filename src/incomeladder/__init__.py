"""incomeladder: place households on an income ladder, flag those below the floor, report who moved.

The package is one road walked in one direction: read, clean, validate, classify, then summarise (one round)
or link and compare (two rounds), then report and render. CONTRIBUTING.md has the picture.
"""

__version__ = "0.1.0"
