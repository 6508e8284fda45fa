"""The release: everything that may be said of one quarter to one audience, frozen as tables and bytes, and read back.

Its columns, schema, revisions and provenance belong here. No sentence about a figure does: a release has what was stored.
"""
