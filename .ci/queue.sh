#!/usr/bin/env bash
# Installs what the tests of clusters start themselves: Valkey, or Redis where Debian has no Valkey, and Slurm. Needs root.
set -euo pipefail
if { command -v valkey-server || command -v redis-server; } >/dev/null && command -v slurmctld slurmd sbatch munged >/dev/null; then
  echo "Valkey or Redis, and Slurm: already installed"
  exit 0
fi
apt-get update -qq
export DEBIAN_FRONTEND=noninteractive
apt-get install -y -qq --no-install-recommends valkey-server 2>/dev/null ||
  apt-get install -y -qq --no-install-recommends redis-server
apt-get install -y -qq --no-install-recommends munge slurmctld slurmd slurm-client
