"""Wording: facts to English, once. Numbers, periods, cells, titles, sentences, supporting facts and what cannot be said.

Facts come in as typed values and leave as words for pages, charts, paper and workbook; nothing takes words apart again, and
where on a page they stand is not said here.
"""
