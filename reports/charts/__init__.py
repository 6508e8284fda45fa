"""Charts: one module a kind of chart, drawn from a release as SVG and PNG bytes with title and alternative text.

How a figure is worded is said in `reports.wording`; where on a page a chart lies, in `reports.pages`. Each kind has a
reader in `reports.reading_back.files` that takes the finished drawing apart.
"""
