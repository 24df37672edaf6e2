"""`meguri admin run-jobs --each-line`: one process that runs the jobs whenever it is told to; starting one each time costs more than the jobs."""
import json
import re
import selectors
import subprocess

from .paths import program as program_path

SANITIZER = re.compile(r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:")


class JobRunner:
    def __init__(self, environment, log_path):
        self.environment, self.log_path = environment, log_path
        with open(log_path, "ab") as log:
            self.process = subprocess.Popen([program_path(), "admin", "run-jobs", "--each-line"], env=environment, text=True, bufsize=1,
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)

    def serves(self, environment):
        return self.process.poll() is None and environment == self.environment

    def run(self, seconds=170):
        """The number of runs that did something."""
        self.start()
        return self.finish(seconds)

    def start(self):
        self.process.stdin.write("\n")

    def finish(self, seconds=170):
        assert self.selector.select(seconds), f"the jobs did not come to rest in {seconds} s:\n{self._log()[-3000:]}"
        line = self.process.stdout.readline()
        assert line, f"run-jobs ended:\n{self._log()[-6000:]}"
        runs = json.loads(line)["runs"]
        assert runs >= 0, f"the jobs did not come to rest:\n{self._log()[-3000:]}"
        return runs

    def stop(self):
        self.selector.close()
        self.process.stdin.close()
        self.process.stdout.close()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        report = SANITIZER.search(self._log())
        assert not report, self._log()[report.start():][:6000]
        assert self.process.returncode == 0, f"run-jobs ended with {self.process.returncode}:\n{self._log()[-3000:]}"

    def _log(self):
        return self.log_path.read_text("utf-8", "replace")
