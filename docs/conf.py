"""Settings of the documentation site; `nox -s docs` builds it."""

project = "Lattice"
author = "The Lattice developers"
project_copyright = "2026, The Lattice developers"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode"]
html_theme = "furo"
html_title = "Lattice"
exclude_patterns = ["_build", "speed/*.md"]  # docs/speed.md includes those
myst_heading_anchors = 3
autodoc_member_order = "bysource"
default_role = "code"  # docstrings write code in single backticks, as Markdown does
