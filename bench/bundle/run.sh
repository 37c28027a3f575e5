#!/bin/sh
# Without arguments: examines this machine, tunes, checks WebGPU against the CPU, measures; answers go to ./results.
# With arguments: the `cosmic` command. Nothing is installed, nothing is downloaded, nothing is written but the answers and
# this folder's `cache`.
set -u
here=$(cd "$(dirname "$0")" && pwd)
node="$here/bin/node"
nvidia=/usr/local/nvidia

# The loader of this archive, and the driver's libraries where containers mount them.
LD_LIBRARY_PATH="$here/lib:$nvidia/lib64${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export LD_LIBRARY_PATH

# What was tuned serves all later commands from here.
export XDG_CACHE_HOME="${XDG_CACHE_HOME:-$here/cache}"

# Containers often have NVIDIA's driver, but no file that tells Vulkan of it where Vulkan looks.
if ! ls /etc/vulkan/icd.d/*nvidia* /usr/share/vulkan/icd.d/*nvidia* >/dev/null 2>&1; then
  known=$(ls "$nvidia"/share/vulkan/icd.d/*nvidia*.json "$nvidia"/vulkan/icd.d/*nvidia*.json 2>/dev/null | head -n 1 || true)
  if [ -z "$known" ] && /sbin/ldconfig -p 2>/dev/null | grep -q libGLX_nvidia.so.0; then
    known="$here/lib/nvidia_icd.json"
  fi
  if [ -n "$known" ]; then
    export VK_ADD_DRIVER_FILES="$known"
  fi
fi

if [ $# -gt 0 ]; then
  exec "$node" "$here/app/dist/host/cli/main.js" "$@"
fi

results=${RESULTS:-$PWD/results}
end=$(($(date +%s) + ${SECONDS_LIMIT:-480}))
mkdir -p "$results"
: >"$results/parts.log"
failed=""

# part FILE SECONDS COMMAND...: runs a part within its time and what is left of all; it leaves its answer, come what may.
part() {
  file=$1
  limit=$2
  shift 2
  began=$(date +%s)
  left=$((end - began))
  [ "$left" -lt "$limit" ] && limit=$left
  [ "$limit" -lt 1 ] && limit=1
  echo "== $file (at most $limit s)" >&2
  timeout -k 5 "$limit" "$@" >"$results/$file"
  code=$?
  echo "$file: exit $code, $(($(date +%s) - began)) s" | tee -a "$results/parts.log" >&2
  [ $code = 0 ] && return
  failed="$failed $file"
  [ -s "$results/$file" ] || echo "{ \"error\": { \"message\": \"ended with $code; 124: out of time\" } }" >"$results/$file"
}

main="$here/app/dist/host/cli/main.js"
"$node" "$main" doctor
part doctor.json 30 "$node" "$main" doctor --json
part tune.json 150 "$node" "$main" doctor --tune --json
# What is worth most comes first: the time may end.
part bench.md 330 "$node" "$here/app/dist/bench/main.js" "$results"
part validate-collectives.json 60 "$node" "$main" validate collectives \
  "$here/app/test/data/astra-sim/collectives.json" --backend webgpu --json
part validate-backends.json 200 "$node" "$main" validate backends --designs "${DESIGNS:-100000}" --seed 1 --json
cat "$results/bench.md"
if [ -n "$failed" ]; then
  echo "failed:$failed; see above and $results" >&2
  exit 1
fi
echo "all passed; answers in $results"
