"""Polling instead of sleeping."""
import time


def until(question, seconds=10, what="the condition", pause=0.02):
    """Asks until the answer is true and returns it; AssertionError after the time is up."""
    end = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain for {what}; last answer: {answer!r}")
        time.sleep(pause)
