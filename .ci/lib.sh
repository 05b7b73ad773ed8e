# Sourced by the scripts beside it: a working folder, and processes that are ended by their id.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
started=()

clean_up() {
  local pid
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${started[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap clean_up EXIT

step() { printf '\n== %s (at %d s)\n' "$*" "$SECONDS"; }

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

# need COMMAND [PACKAGE]: installs what a bare machine lacks.
need() {
  command -v "$1" >/dev/null && return
  apt-get update -qq >/dev/null
  apt-get install -y -qq "${2:-$1}" >/dev/null
}

# wait_for_server LOG PID: sets `url` to the address that the server says it listens at.
wait_for_server() {
  local log=$1 pid=$2 i
  for ((i = 0; i < 300; i++)); do
    url=$(grep -oE 'Listening at http://[^ ,"]+' "$log" 2>/dev/null | head -n 1 | cut -d' ' -f3) || true
    [ -n "$url" ] && return
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.2
  done
  cat "$log" >&2
  fail 'the server did not start'
}

# start_server LOG [NAME=VALUE ...]: the built server on a free loopback port; sets `url` and `server`.
start_server() {
  local log=$1
  shift
  env PORT=0 HOST=127.0.0.1 DATA_DIR="$(mktemp -d "$work/data.XXXXXX")" "$@" "$root/node_modules/.bin/node" "$root/dist/main.js" >"$log" 2>&1 </dev/null &
  server=$!
  started+=("$server")
  wait_for_server "$log" "$server"
}

# end_gracefully PID: SIGTERM, and at most 15 seconds for the process to end.
end_gracefully() {
  local pid=$1 i
  kill -TERM "$pid"
  for ((i = 0; i < 75; i++)); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.2
  done
  fail "process $pid did not end within 15 s of SIGTERM"
}
