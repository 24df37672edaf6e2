"""Talks to token_tool.c."""
import json
import subprocess

ISSUER, AUDIENCE = "https://issuer.test", "meguri"


class Tool:
    def __init__(self, program, secret):
        self.process = subprocess.Popen([program, secret, ISSUER, AUDIENCE], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __call__(self, do, **arguments):
        self.process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"token_tool died of {do} {arguments}"
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        assert self.process.wait(timeout=20) == 0
