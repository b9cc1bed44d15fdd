"""The ladder of the years ahead, if the rates of the last two rounds held."""
