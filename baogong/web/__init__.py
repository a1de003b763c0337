"""Base templates, components, styles and the service worker. Knows no rule and no record."""
