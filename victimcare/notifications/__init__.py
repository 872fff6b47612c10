"""Notifications: a number and a link in the product and by mail, never a name. An app registers its kinds in
its `apps.py`, and tells within the transaction of the fact (`actions.tell`).
"""

from victimcare.notifications.kinds import Kind, register

__all__ = ["Kind", "register"]
