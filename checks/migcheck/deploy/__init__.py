"""Clearance and target in; what came of the deploy, the undo or the baseline out, as `outcome` has it."""
