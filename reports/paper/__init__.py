"""The board paper: its HTML, made of the same words as the pages, and the PDF that is printed from it."""
