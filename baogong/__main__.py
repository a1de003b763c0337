"""`python -m baogong` is the same as the `baogong` command."""

import sys

from baogong.cli import main

sys.exit(main())
