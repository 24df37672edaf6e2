"""One private PostgreSQL cluster per test run; databases are cloned from one migrated template."""
import itertools
import os
import re
import shlex
import subprocess
import tempfile

import psycopg
from psycopg import sql

from .paths import ROOT, program

TEMPLATE = "meguri_template"


class Cluster:
    """fast=True gives up durability; use fast=False for tests that kill PostgreSQL."""

    def __init__(self, fast=True):
        self.home = tempfile.mkdtemp(prefix="meguri-cluster-")
        os.chmod(self.home, 0o711)
        self.fast = fast
        self._numbers = itertools.count(1)
        self._migrated = False
        self.start()

    def _command(self, word):
        environment = os.environ | ({"MEGURI_CLUSTER_FAST": "1"} if self.fast else {})
        done = subprocess.run([ROOT / "deploy/cluster", word, self.home], env=environment, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert done.returncode == 0, f"deploy/cluster {word}: {done.stderr}"
        return done.stdout

    def start(self):
        output = self._command("start")
        settings = dict(part.split("=", 1) for part in shlex.split(output))
        self.host, self.port = settings["PGHOST"], int(settings["PGPORT"])
        self.directory = settings["MEGURI_CLUSTER_DIR"]

    def stop(self):
        self._command("stop")

    def remove(self):
        self._command("remove")
        os.rmdir(self.home)

    def postmaster_pid(self):
        with open(os.path.join(self.directory, "data/postmaster.pid"), encoding="ascii") as file:
            return int(file.readline())

    def conninfo(self, database="postgres", user="postgres"):
        return f"host={self.host} port={self.port} dbname={database} user={user}"

    def connect(self, database="postgres", user="postgres", autocommit=True):
        return psycopg.connect(self.conninfo(database, user), autocommit=autocommit)

    def execute(self, text, *values, database="postgres"):
        """Runs one statement as superuser; rows when there are any."""
        with self.connect(database) as connection:
            cursor = connection.execute(text, values or None)
            return cursor.fetchall() if cursor.description else []

    def create_database(self, name, template="template0"):
        self.execute(sql.SQL("create database {} template {}").format(
            sql.Identifier(name), sql.Identifier(template)))

    def migrate(self, database):
        """Runs `meguri migrate`; its output, or AssertionError with what it said."""
        done = subprocess.run([program(), "migrate"], text=True, capture_output=True, env=os.environ | {
            "MEGURI_DATABASE": self.conninfo(database),
            "MEGURI_MIGRATE_DATABASE": self.conninfo(database)})
        assert done.returncode == 0, f"meguri migrate: {done.stdout}{done.stderr}"
        return done.stdout

    def template(self):
        """The migrated database that others are cloned from; made at the first call."""
        if not self._migrated:
            self.create_database(TEMPLATE)
            self.migrate(TEMPLATE)
            self._migrated = True
        return TEMPLATE

    def clone(self, hint="test"):
        """A fresh migrated database; its name."""
        word = re.sub(r"\W+", "_", hint.lower())[-40:]
        name = f"{word}_{next(self._numbers)}"
        self.create_database(name, self.template())
        return name

    def drop(self, name):
        self.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
