"""Clearance and target in; Applied, NothingToDo, Refused, Failed or Unknown out."""
