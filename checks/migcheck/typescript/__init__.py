"""TypeScript and JavaScript, read and never run: syntax, imports and what an expression is worth."""
