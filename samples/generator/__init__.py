"""The made-up agency: one model, from which both the exports and the list of planted problems are written."""
