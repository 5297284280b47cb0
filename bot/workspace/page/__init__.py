"""The browser page of the local workspace: HTML, CSS and ES modules, served as they are."""
