"""What new migrations do to what is there: seen between their pieces, in the way upgrade."""
