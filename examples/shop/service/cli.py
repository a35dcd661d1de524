"""The shop on the command line."""

import sys

from . import orders
from .profiles import process_user_data
from .users import User


def main() -> int:
    user = User(sys.argv[1], {"name": sys.argv[1]})
    profile = process_user_data(user, {"strict_mode": True})
    order = orders.Order(profile, [3.5, 4.0])
    order.save()
    return 0


if __name__ == "__main__":
    sys.exit(main())
