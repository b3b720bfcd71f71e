"""One verb, one module, one function that returns an exit code."""
