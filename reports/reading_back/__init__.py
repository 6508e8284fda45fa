"""Reading back: finished files taken apart from their bytes and held against the release, so that none says more.

What a release may say is worked out here a second time, on purpose, and not taken from the code that writes: nothing of
`reports` imports it. Each format is taken apart in one module (``*_parts``), and each kind of file read in one.
"""
