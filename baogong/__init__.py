"""Baogong 保供: keeps a neighbourhood that cannot go out supplied and cared for."""

__version__ = "0.1.0"
