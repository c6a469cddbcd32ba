"""netdocket: regulators' and police bulletins on cybersecurity and data protection, made countable."""

__version__ = "0.1.0"
