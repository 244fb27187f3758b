"""The course's poet: the model that writes, the recipe that trained it, the page on which one asks it."""
