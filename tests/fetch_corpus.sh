#!/usr/bin/env bash
# Fetches the open music the tests and benchmarks use: Debian packages, unpacked into DIR, not installed.
# Usage: fetch_corpus.sh DIR        What is there already is not fetched again.
set -euo pipefail
dir=${1:?usage: fetch_corpus.sh DIR}
packages="asc-music singularity-music hyperrogue-music fretsonfire-songs-sectoid sonic-pi-samples alsa-utils
  asterisk-core-sounds-en-wav planetblupi-music-midi openttd-openmsx timgm6mb-soundfont"

if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
  echo "The music comes as Debian packages, and apt-get is not here." >&2
  echo "Fetch and unpack them elsewhere into $dir/PACKAGE: wesnoth-1.16-music" $packages >&2
  exit 1
fi
wesnoth() { apt-cache pkgnames wesnoth-1 | grep -E '^wesnoth-1\.[0-9]+-music$' | sort -V | tail -n 1; }
if [ -z "$(wesnoth)" ]; then
  apt-get update -qq || true
fi
mkdir -p "$dir"
parts=$(mktemp -d "$dir/.fetching.XXXXXX")
trap 'rm -rf "$parts"' EXIT
chmod 755 "$parts"
# As root, apt downloads as a user of its own, who must be able to write here.
if [ "$(id -u)" -eq 0 ] && id _apt >/dev/null 2>&1; then chown _apt "$parts"; fi
for package in $packages "$(wesnoth)"; do
  case $package in wesnoth-*) compgen -G "$dir/wesnoth-*-music" >/dev/null && continue ;; esac
  [ -d "$dir/$package" ] && continue
  echo "Fetching $package" >&2
  (cd "$parts" && apt-get -qq download "$package")
  dpkg-deb -x "$parts/${package}"_*.deb "$parts/unpacked"
  rm "$parts/${package}"_*.deb
  mv "$parts/unpacked" "$dir/$package"
done
echo "The music is in $dir; run the tests with AURALIS_CORPUS=$dir" >&2
