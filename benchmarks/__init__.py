"""Speed and scale, measured against a reference in the same run: `python -m benchmarks`; results in README.md."""
