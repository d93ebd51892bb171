"""`auralis config`: shows what is set, and changes the file without harm."""
