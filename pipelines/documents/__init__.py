"""What makes pages of docs/ from the code they describe, so that no figure in them is typed by hand."""
