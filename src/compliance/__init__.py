"""Check what a securities filing says against a rule book: every verdict proved, cited, and with what would change it.

Nothing is imported here, so that `import compliance` costs nothing.
"""

__version__ = "0.1.0"
