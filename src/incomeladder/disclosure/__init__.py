"""Disclosure control: numbers that few households make are hidden, and others, so that these cannot be worked out.

The argument is one of twin worlds. A *move* is a small change of how many households are where under which another
survey could have been made: no count falls below 0. Every number that such another survey would show otherwise is
hidden. What is still shown is the same in all of these worlds, so nobody can tell from it in which of them we live, and
each hidden number is another in at least one of them. Nothing has to be known about a table for that but how it is
made from counts: the tables of every world are made, and compared.

Moves are chosen so that every count below the threshold is another in some world, and so that little is hidden: each
small count has a companion which, if it can be had, is large enough for the small one to be as large as the threshold.
A report by groups must not undo what the same report of all hides, nor the other way round; so what is hidden of all is
hidden by moves that are carried out in one of the groups, and the moves of groups leave alone what is shown of all. The
ladders of two rounds stand to their matrix as the report of all does to its groups. Places and matrix need not know of
one another: a household that is in a place and a band before can be any of those that come from this band, so what
changes in both can be the same household, and what changes in one of them changes nothing of the other.

Two things are told beside counts. What all below the floor lack must be possible in the other worlds too, or it is
hidden. A row that is only there if somebody is in it, as that of incomes below 0, tells that there is one, so there is
one in every world of all, and a row in every group. Of a group that has fewer households than the threshold no number
is shown, and a round that has is refused.

What is not protected: counts of 0 are shown, so that a group of which everybody is in one band is seen to be; hidden
numbers can be bounded, and added up; somebody may know that no household moved to another place; reports with other
rules, of other surveys or by other columns can be set against one another.
Source: the idea of complementary suppression, Cox, Suppression Methodology and Statistical Disclosure Control (1980).
"""
