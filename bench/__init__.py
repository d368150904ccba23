"""The bench: what the product does, measured side by side with its peers. Timings never decide a test."""
