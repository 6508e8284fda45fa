"""How it looks: charts, sentences, page, index and table; frames and labels in, strings or bytes out."""
