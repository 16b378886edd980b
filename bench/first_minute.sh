#!/bin/sh
# How long it takes from a clone to the first predicted map, where nothing is installed.
#
#     bench/first_minute.sh [REPOSITORY]
#
# Clones the repository (default: this one, as committed) into a temporary folder, with a home folder
# and caches of its own, calls `make app` there as a newcomer does, and ends it at the first map. pip
# is asked as this machine has it configured. What `make app` says is shown; the last line is one
# JSON object: {clone_s, environment_s, page_s, scene_s, first_map_s, environment_mb, workspace_mb,
# cpus, load}. Each time is counted from the start; `load` is how many processes waited for the two
# cores at the start and at the end, which tells a machine that was shared.
set -eu

repository=$(cd "${1:-$(dirname "$0")/..}" && pwd)
python=${PYTHON:-python3}
scratch=$(mktemp -d)
app=

now() { "$python" -c 'import time; print(f"{time.time():.1f}")'; }
since() { "$python" -c 'import sys; print(round(float(sys.argv[2]) - float(sys.argv[1]), 1))' "$began" "$1"; }
load() { "$python" -c 'import os; print(round(os.getloadavg()[0], 1))'; }
size() { du -sm "$1" | cut -f1; }

end() {
    # The server, and the job that prepares the sample in a session of its own.
    [ -z "$app" ] || kill -s TERM -- "-$app" 2>/dev/null || true
    for status in "$scratch"/clone/workspace/jobs/*/status.json; do
        [ -f "$status" ] || continue
        kill -TERM "$("$python" -c 'import json, sys; print(json.load(open(sys.argv[1]))["pid"])' "$status")" 2>/dev/null || true
    done
    # A server on a busy machine may take its time, or not end by itself.
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        [ -n "$app" ] && kill -s 0 -- "-$app" 2>/dev/null || break
        sleep 1
    done
    [ -z "$app" ] || kill -s KILL -- "-$app" 2>/dev/null || true
    rm -rf "$scratch"
}
trap end EXIT
trap 'exit 130' INT TERM

# wait_for WORDS COMMAND...: until the command succeeds, or `make app` is gone.
wait_for() {
    what=$1
    shift
    until "$@"; do
        kill -0 "$app" 2>/dev/null || {
            echo "make app ended before $what." >&2
            exit 1
        }
        sleep 0.5
    done
}

address() { sed -n 's/^Opening at \(http[^ ]*\).*/\1/p' "$scratch/said"; }
answers() { [ -n "$(address)" ] && "$python" -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1] + "/_stcore/health", timeout=5)' "$(address)" 2>/dev/null; }
scene() { [ -f "$scratch/clone/workspace/scenes/sample/scene.json" ]; }
map() { ls "$scratch"/clone/workspace/runs/*/predictions/*/metrics.json >/dev/null 2>&1; }

mkdir "$scratch/home"
load_before=$(load)
began=$(now)
git clone --quiet "$repository" "$scratch/clone"
clone=$(since "$(now)")

cd "$scratch/clone"
export HOME="$scratch/home" XDG_CACHE_HOME="$scratch/home/.cache" NUMBA_CACHE_DIR="$scratch/home/numba"
unset VIRTUAL_ENV PYTHONPATH SLIDESCOPE_WORKSPACE SLIDESCOPE_DATA SLIDESCOPE_HOSTS
: >"$scratch/said"
setsid make app PYTHON="$python" >"$scratch/said" 2>&1 &
app=$!
tail -f "$scratch/said" --pid="$app" >&2 &

wait_for "the environment was made" test -f .venv/.product
environment=$(since "$(now)")
wait_for "the page answered" answers
page=$(since "$(now)")
wait_for "the scene was there" scene
scene=$(since "$(now)")
wait_for "a map was there" map
map=$(since "$(now)")

cat <<END
{"clone_s": $clone, "environment_s": $environment, "page_s": $page, "scene_s": $scene, "first_map_s": $map, "environment_mb": $(size .venv), "workspace_mb": $(size workspace), "cpus": $(getconf _NPROCESSORS_ONLN), "load": [$load_before, $(load)]}
END
