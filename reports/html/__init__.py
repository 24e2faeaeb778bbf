"""One HTML page that needs nothing else: no network, no fonts, no scripts of others."""

from kafka_conformance.reports.html.page import render_html

__all__ = ["render_html"]
