#!/usr/bin/env bash
# Installs lavapipe (Mesa's Vulkan on the CPU) on Debian 12. Needs root.
# Bookworm's own Mesa 22.3 is too old for Dawn, so the driver comes from bookworm-backports,
# read from the same mirror that the machine already uses.
set -euo pipefail
if [ -e /usr/share/vulkan/icd.d/lvp_icd.json ] || ls /usr/share/vulkan/icd.d/lvp_icd.*.json >/dev/null 2>&1; then
  echo "software Vulkan: already installed"
  exit 0
fi
list=/etc/apt/sources.list.d/cosmic-backports.sources
mirror=$( (cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null || true) |
  sed -nE 's/^(URIs:|deb) +(\S+).*/\2/p' | grep -E '/debian/?$' | head -n 1)
[ -n "$mirror" ] || { echo "no Debian mirror is configured in /etc/apt: add one, then run this again" >&2; exit 1; }
cat >"$list" <<EOF
Types: deb
URIs: $mirror
Suites: bookworm-backports
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
EOF
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -t bookworm-backports libvulkan1 mesa-vulkan-drivers
