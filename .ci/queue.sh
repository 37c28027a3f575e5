#!/usr/bin/env bash
# Installs a server for the tests of queues: Valkey, or Redis where Debian has no Valkey. Needs root. The tests start it themselves.
set -euo pipefail
if command -v valkey-server >/dev/null || command -v redis-server >/dev/null; then
  echo "Valkey or Redis: already installed"
  exit 0
fi
apt-get update -qq
export DEBIAN_FRONTEND=noninteractive
apt-get install -y -qq --no-install-recommends valkey-server 2>/dev/null ||
  apt-get install -y -qq --no-install-recommends redis-server
