"""A headless Chromium, driven over its debugging pipe with the standard library alone."""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import subprocess
import time

__all__ = ["Browser", "chromium"]


def chromium():
    """Path of a Chromium on this machine, or None."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for name in names if (found := shutil.which(name))), None)


class Browser:
    """One browser with one page; ``events`` holds everything that it told."""

    def __init__(self, program, folder):
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        # The browser wants 3 and 4: numbers far above those cannot be in the way of each other.
        given = [fcntl.fcntl(one, fcntl.F_DUPFD, 40) for one in (theirs_in, theirs_out)]
        for one in (theirs_in, theirs_out):
            os.close(one)
        options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                   "--disable-background-networking", "--disable-extensions", "--disable-component-update",
                   f"--user-data-dir={folder}", "--remote-debugging-pipe", "about:blank"]  # fmt: skip
        command = f'exec "$0" "$@" 3<&{given[0]} 4>&{given[1]} {given[0]}<&- {given[1]}>&-'
        self.process = subprocess.Popen(
            ["bash", "-c", command, program, *options], pass_fds=given,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for one in given:
            os.close(one)
        self._read, self._write = ours_in, ours_out
        self._rest, self._last, self.events, self._to = b"", 0, [], None
        try:
            target = self.call("Target.createTarget", url="about:blank")["targetId"]
            self._to = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for part in ("Page", "Runtime", "Network", "Log"):
                self.call(f"{part}.enable")
        except BaseException:
            self.close()
            raise

    def call(self, method, **parameters):
        """One command, and its answer."""
        self._last += 1
        said = {"id": self._last, "method": method, "params": parameters}
        if self._to:
            said["sessionId"] = self._to
        os.write(self._write, json.dumps(said).encode() + b"\0")
        while True:
            found = self._next()
            if found.get("id") == self._last:
                assert "error" not in found, (method, found["error"])
                return found["result"]

    def open(self, address):
        """Load a page and wait until it is there."""
        self.events.clear()
        self.call("Page.navigate", url=address)
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self._next()

    def run(self, script):
        """The value of an expression in the page."""
        found = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def key(self, name, text=""):
        """Press and release a key."""
        code = {"Enter": 13, " ": 32}[name]
        common = {"key": name, "code": "Space" if name == " " else name, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def move(self, x, y):
        """Point somewhere."""
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def click(self, x, y):
        """Click somewhere."""
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def told(self, *methods):
        """What it told of some kinds."""
        return [event["params"] for event in self.events if event["method"] in methods]

    def close(self):
        """End it."""
        for one in (self._write, self._read):
            os.close(one)
        try:  # without its pipe it ends by itself
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _next(self, seconds=30.0):
        end = time.monotonic() + seconds
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._read], [], [], max(0.0, end - time.monotonic()))
            assert ready, "the browser says nothing"
            more = os.read(self._read, 1 << 20)
            assert more, "the browser has ended"
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\0")
        found = json.loads(line)
        if "method" in found:
            self.events.append(found)
        return found
