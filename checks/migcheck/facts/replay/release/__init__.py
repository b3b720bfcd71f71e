"""What the running release asks: what new migrations refuse it."""
