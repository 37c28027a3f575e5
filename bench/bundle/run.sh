#!/bin/sh
# Without arguments: examines this machine, checks WebGPU against the CPU, measures; answers go to ./results.
# With arguments: the `cosmic` command. Nothing is installed, nothing is downloaded.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
node="$here/bin/node"
nvidia=/usr/local/nvidia

# The loader of this archive, and the driver's libraries where containers mount them.
LD_LIBRARY_PATH="$here/lib:$nvidia/lib64${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export LD_LIBRARY_PATH

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
mkdir -p "$results"
cosmic() { "$node" "$here/app/dist/host/cli/main.js" "$@"; }
cosmic doctor
cosmic doctor --json >"$results/doctor.json"
failed=0
cosmic validate backends --designs "${DESIGNS:-100000}" --seed 1 --json >"$results/validate.json" || failed=1
"$node" "$here/app/dist/bench/main.js" "$results" || failed=1
if [ $failed = 1 ]; then
  echo "something failed: see above and $results/validate.json" >&2
  exit 1
fi
echo "all passed; answers in $results"
