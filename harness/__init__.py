# SPDX-License-Identifier: MIT
"""The harness: packages, images, the emulated machine, benchmark, tests. Python's standard library only."""
