#!/usr/bin/env bash
# Installs Debian's Chromium, with which the HTML report is tested. Needs root.
set -euo pipefail
if command -v chromium >/dev/null; then
  echo "Chromium: already installed"
  exit 0
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium
