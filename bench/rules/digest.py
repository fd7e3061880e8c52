"""The digest that all contenders share: SHA-256 over one column in subject order.

A verdict is one byte (1 true, 0 false, 255 unknown); a value is a little-endian 64-bit integer in hundredths of a fen, the
smallest integer where unknown.
"""

import hashlib

import numpy

UNKNOWN = numpy.iinfo(numpy.int64).min


def of_verdicts(verdicts):
    """Digest of an array of 1, 0, -1."""
    return hashlib.sha256(numpy.ascontiguousarray(verdicts.astype(numpy.int8)).tobytes()).hexdigest()[:16]


def of_values(values):
    """Digest of an array of integers with UNKNOWN."""
    return hashlib.sha256(numpy.ascontiguousarray(values.astype("<i8")).tobytes()).hexdigest()[:16]
