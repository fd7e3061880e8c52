# Shared by the bench scripts: where the checkout is, and a virtual environment with the peers.
# shellcheck shell=bash
set -euo pipefail
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
scratch=${QIBANG_BENCH_DIR:-$checkout/target/bench}
mkdir -p "$scratch"

# peers NAME PACKAGE…: makes (once) a virtual environment NAME with these packages; prints its bin folder.
peers() {
    local venv=$scratch/venv-$1
    shift
    if [ ! -x "$venv/bin/python" ]; then
        python3 -m venv "$venv" 1>&2
    fi
    "$venv/bin/pip" --quiet --disable-pip-version-check install "$@" 1>&2
    printf '%s\n' "$venv/bin"
}

# need COMMAND PACKAGE: stops with the package to install when a command is missing.
need() {
    command -v "$1" >/dev/null || { echo "needs $1: apt-get install $2" >&2; exit 1; }
}

machine() {
    printf '%s cores, %s, %s\n' "$(nproc)" \
        "$(awk '/MemTotal/ {printf "%.0f GiB", $2 / 1048576}' /proc/meminfo)" \
        "$(. /etc/os-release && echo "$PRETTY_NAME")"
}
