"""`python -m integrations.devices.station`."""

import sys

from integrations.devices.station.cli import main

sys.exit(main())
