"""What a survey says of all households: measures of one round, how sure they are, and how they changed."""
