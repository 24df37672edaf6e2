"""What the python tests share: a private cluster, running programs, an HTTP client that remembers, a mailbox.

See CONTRIBUTING.md, "Running tests". Fixtures are in fixtures.py and known to every test.
"""
from .client import Client
from .cluster import Cluster
from .contract import Contract
from .mailbox import Mail, Mailbox, MailSink
from .paths import BUILD, ROOT
from .ports import free_port
from .system import System
from .wait import until

__all__ = ["BUILD", "Client", "Cluster", "Contract", "Mail", "Mailbox", "MailSink", "ROOT", "System",
           "free_port", "until"]
