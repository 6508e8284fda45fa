"""What exists: one module per stage of the flow, asset factories over the catalogue."""
