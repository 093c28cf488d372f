"""The most memory that a process took."""

import resource
import sys
from pathlib import Path

OWN_PEAK = Path("/proc/self/status")


def peak_megabytes() -> float:
    """This process's own peak.

    On Linux ``ru_maxrss`` of a child begins with what its parent took before the child was started, so the kernel's
    figure for this program alone is read; elsewhere there is only ``ru_maxrss``.
    """
    if OWN_PEAK.exists():
        lines = OWN_PEAK.read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))
    bytes_each = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * bytes_each / 1024**2
