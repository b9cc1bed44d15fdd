"""Where a survey can be fooled: answers that hardly come about by themselves.

Each test takes the incomes that families gave, unweighted, since it is about answers and not about families. It
counts by place and round in whole numbers, which are held against what smooth, unaided answers would be. None of them
tells why.
"""
