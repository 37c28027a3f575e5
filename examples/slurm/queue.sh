#!/bin/bash
# A sweep over a queue: the server and the driver on the first node, a worker on each. Submit it by sbatch --nodes=16 queue.sh
# In a folder that all nodes share; cosmic and valkey-server (or redis-server) are on the PATH.
#SBATCH --job-name=cosmic-queue
#SBATCH --ntasks-per-node=1
#SBATCH --requeue
set -euo pipefail

space=${COSMIC_SPACE:-cosmic-network}
run=${COSMIC_RUN:-runs/queue}
port=${COSMIC_QUEUE_PORT:-6379}
url=redis://$(hostname):$port
mkdir -p "$run"

# Whoever reaches the port needs the password. The environment hands it to workers and driver; a file, to the server.
COSMIC_QUEUE_PASSWORD=$(head -c 24 /dev/urandom | base64 | tr -d '+/=')
export COSMIC_QUEUE_PASSWORD
conf=$(mktemp)
chmod 600 "$conf"
echo "requirepass $COSMIC_QUEUE_PASSWORD" >"$conf"
server=$(command -v valkey-server || command -v redis-server)
"$server" "$conf" --port "$port" --bind '*' --save '' --appendonly no --maxmemory-policy noeviction >/dev/null &
trap 'kill %1; rm -f "$conf"' EXIT
until (echo >"/dev/tcp/$(hostname)/$port") 2>/dev/null; do sleep 0.1; done

srun --overlap cosmic worker "$url" ${COSMIC_WORKER_OPTIONS:-} &
if [ -e "$run/manifest.json" ]; then
  rm -f "$run/lock"
  cosmic sweep --resume "$run" --queue "$url"
else
  cosmic sweep "$space" --pareto --out "$run" --queue "$url" ${COSMIC_SWEEP_OPTIONS:-}
fi
# The run is whole. Workers are told so: one that a slow node began too late to see it would wait for another.
kill %2 2>/dev/null || true
wait %2 || true
