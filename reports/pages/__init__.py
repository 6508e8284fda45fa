"""Pages: HTML of a quarter and of all quarters, what can be downloaded with them, and the captions of the pictures.

Pages lay out words, tables and charts that are there. They make no sentence about a figure and draw nothing.
"""
