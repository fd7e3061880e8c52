"""Drives wrk against both applications, one after the other, and prints one table.

Our pages are asked for as a logged-in county officer would: with a session cookie, access control, masking and the
area scope in force. The peer has none of these.
"""

import html
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from urllib.parse import urlencode

HOUSEHOLDS, PEOPLE = 262_838, 682_202
CONNECTIONS, SECONDS, WARM_SECONDS = 32, 15, 3
P99_MS_MAX, RATIO_MIN = 20.0, 10.0
HERE = os.path.dirname(os.path.abspath(__file__))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(port, seconds=60):
    for _ in range(seconds * 10):
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    sys.exit(f"nothing listens on port {port}")


def get(port, path, cookie=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
    answer = connection.getresponse()
    return answer, answer.read().decode()


def wrk(port, paths, cookie, scratch):
    """Requests over a list of paths in turn; returns requests a second, p99 in ms, answers that were no 200."""
    script = os.path.join(scratch, "paths.lua")
    with open(script, "w") as out:
        out.write("local paths = {\n" + "".join(f"  {json.dumps(path)},\n" for path in paths) + "}\n")
        out.write("local at = 0\n")
        header = f'{{["Cookie"] = {json.dumps(cookie)}}}' if cookie else "nil"
        out.write(f"local headers = {header}\n")
        out.write("function request()\n  at = at % #paths + 1\n"
                  "  return wrk.format('GET', paths[at], headers)\nend\n"
                  "function done(summary, latency)\n  local e = summary.errors\n"
                  "  io.write(string.format('RESULT %f %f %d %d\\n', summary.requests / summary.duration * 1e6,\n"
                  "    latency:percentile(99) / 1000, e.status, e.connect + e.read + e.write + e.timeout))\nend\n")
    for seconds in (WARM_SECONDS, SECONDS):
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", script, f"http://127.0.0.1:{port}"]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate, p99, status, broken = re.search(r"RESULT (\S+) (\S+) (\d+) (\d+)", output).groups()
    return float(rate), float(p99), int(status) + int(broken)


def measure_peer(scratch):
    peer = os.path.join(HERE, "peer")
    port = free_port()
    subprocess.run([sys.executable, "load.py", str(HOUSEHOLDS), str(PEOPLE)], cwd=peer, check=True)
    workers = str(os.cpu_count() * 2)
    server = subprocess.Popen([os.path.join(os.path.dirname(sys.executable), "gunicorn"), "--workers", workers,
                               "--bind", f"127.0.0.1:{port}", "--log-level", "error", "app:application"], cwd=peer)
    try:
        wait_for(port)
        areas = [f"3203{county:02}{town:03}" for county in range(1, 11) for town in range(1, 19)]
        lists = [f"/households?area={area}" for area in areas]
        details = [f"/households/{number}" for number in range(1, HOUSEHOLDS, 997)]
        for path in (lists[0], details[0]):
            answer, body = get(port, path)
            assert answer.status == 200 and "户" in body, path
        return wrk(port, lists, None, scratch), wrk(port, details, None, scratch)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def log_in(port, login, password):
    """Signs in as a person would: the form, its hidden fields, the cookies."""
    answer, page = get(port, "/login")
    cookies = dict(cookie_of(answer))
    fields = {"login": login, "password": password}
    for tag in re.findall(r'<input[^>]*type="hidden"[^>]*>', page):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        fields[name.group(1)] = html.unescape(value.group(1))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://127.0.0.1:{port}",
               "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    connection.request("POST", "/login", urlencode(fields), headers)
    answer = connection.getresponse()
    answer.read()
    cookies.update(cookie_of(answer))
    if answer.status not in (302, 303):
        sys.exit(f"signing in answered {answer.status}")
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def cookie_of(answer):
    """Names and values of the cookies that an answer sets."""
    for name, value in answer.getheaders():
        if name.lower() == "set-cookie":
            yield tuple(value.split(";")[0].split("=", 1))


def read_page(port, path, cookie):
    """A page; where the reader's hour is full, says why as a person would and reads it again."""
    answer, body = get(port, path, cookie)
    if answer.status != 429:
        return answer, body
    csrf = re.search(r'name="csrf" value="([^"]*)"', body).group(1)
    fields = {"csrf": csrf, "back": path, "reason": "measuring list and detail pages under load"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://127.0.0.1:{port}", "Cookie": cookie}
    connection.request("POST", "/reading/reason", urlencode(fields), headers)
    connection.getresponse().read()
    return get(port, path, cookie)


def measure_ours(qibang, data, scratch):
    port = free_port()
    added = [qibang, "user", "add", "bench", "--role", "CITY_OFFICER", "--area", "3203", "--dir", data, "--json"]
    account = json.loads(subprocess.run(added, capture_output=True, check=True).stdout)
    server = subprocess.Popen([qibang, "serve", "--dir", data, "--port", str(port)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        cookie = log_in(port, account["login"], account["password"])
        with open(os.path.join(HERE, "..", "..", "policy", "xuzhou-2016", "areas.csv"), encoding="utf-8") as file:
            towns = [line.split(",")[0] for line in file if re.match(r"3203\d{5},", line)]
        lists, details = [], []
        for town in towns:
            path = f"/households?area={town}"
            answer, body = read_page(port, path, cookie)
            found = re.findall(r'href="(/households/[^"?#]+)"', body)
            if answer.status == 200 and found:
                lists.append(path)
                details.extend(dict.fromkeys(found))
        assert len(lists) > 50 and details, f"only {len(lists)} towns with households were found"
        details = [html.unescape(path) for path in details[:: max(1, len(details) // 300)]]
        for path in details:
            assert read_page(port, path, cookie)[0].status == 200, path
        return wrk(port, lists, cookie, scratch), wrk(port, details, cookie, scratch)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def main():
    qibang, data, scratch = sys.argv[1:4]
    ours = measure_ours(qibang, data, scratch)
    theirs = measure_peer(scratch)
    good = True
    print(f"{CONNECTIONS} connections, {SECONDS} s each; {HOUSEHOLDS:,} households, {PEOPLE:,} people")
    print("| page | Django, requests/s | p99 ms | Qibang, requests/s | p99 ms | ratio (limit) | holds |")
    print("|---|---|---|---|---|---|---|")
    for name, mine, peer in zip(("list", "detail"), ours, theirs):
        ratio = mine[0] / peer[0]
        holds = ratio >= RATIO_MIN and mine[1] <= P99_MS_MAX and mine[2] == 0 and peer[2] == 0
        good = good and holds
        print(f"| {name} | {peer[0]:,.0f} | {peer[1]:.1f} | {mine[0]:,.0f} | {mine[1]:.1f} (≤ {P99_MS_MAX:.0f}) "
              f"| {ratio:.1f}× (≥ {RATIO_MIN:.0f}) | {'yes' if holds else 'no'} |")
        for who, failed in (("Qibang", mine[2]), ("Django", peer[2])):
            if failed:
                print(f"{who}: {failed} requests to the {name} page failed")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
