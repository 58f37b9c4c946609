"""The one exception that users see."""


class UmbraError(Exception):
    """Something a user can mend: one sentence that names the file, key or mass and the offending value."""
