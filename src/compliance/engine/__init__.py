"""Decide the rules of a book on a filing, and say what each verdict rests on."""
