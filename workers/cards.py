"""The keeper of the cards: `python -m workers.cards`. Citizens' questions are answered from its file; see `tenants/cards`."""

from __future__ import annotations

from tenants import logs, scope
from tenants.cards.keeper import Keeper
from tenants.settings import Settings
from workers import stopping


def main() -> None:
    """Run until SIGTERM or Ctrl-C."""
    logs.configure()
    settings = Settings.from_env()
    scope.configure(settings)
    stopping.listen()
    Keeper(settings.cards_path).run(stopping.wait)
    scope.dispose()


if __name__ == "__main__":
    main()
