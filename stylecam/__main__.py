"""`python -m stylecam`."""

import sys

from stylecam.cli import main

if __name__ == "__main__":
    sys.exit(main())
