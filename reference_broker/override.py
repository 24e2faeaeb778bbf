"""`typing.override` for Python 3.11, where importing typing_extensions would cost more than the decorator is worth."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import override as override
elif sys.version_info >= (3, 12):
    from typing import override as override
else:

    def override(method):
        """Mark a method as overriding one of a base class; the type checker holds it to that."""
        return method
