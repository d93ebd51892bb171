#!/usr/bin/env bash
# The foreign tools some tests want as second opinion: installed where that is possible, otherwise named.
# Never fails: the tests that need a missing tool are left out and say so.
set -uo pipefail

declare -A package_of=([ffmpeg]=ffmpeg [flac]=flac [mandoc]=mandoc [zsh]=zsh [fish]=fish
  [lame]=lame [mpcenc]=musepack-tools [sox]=sox [opusenc]=opus-tools
  [pulseaudio]=pulseaudio [pactl]=pulseaudio-utils [playerctl]=playerctl [dbus-daemon]=dbus
  [exiftool]=libimage-exiftool-perl [loudgain]=loudgain [tmux]=tmux)
missing=()
for tool in "${!package_of[@]}"; do
  command -v "$tool" >/dev/null || missing+=("${package_of[$tool]}")
done
/usr/bin/python3 -c 'import taglib' 2>/dev/null || missing+=(python3-taglib)
libraries=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null)
grep -q 'libebur128\.so\.1' <<<"$libraries" || missing+=(libebur128-1)
grep -q 'libportaudio\.so\.2' <<<"$libraries" || missing+=(libportaudio2)
compgen -G '/usr/lib/*/alsa-lib/*pulse*' >/dev/null || missing+=(libasound2-plugins)
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  echo "Installing for the tests: ${missing[*]}" >&2
  export DEBIAN_FRONTEND=noninteractive
  install() { apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1; }
  install "${missing[@]}" && exit 0
  apt-get update -qq >/dev/null 2>&1
  install "${missing[@]}" && exit 0
  for package in "${missing[@]}"; do
    install "$package" || echo "Could not install $package; the tests that need it are left out." >&2
  done
else
  echo "Not installed, so the tests that need them are left out: ${missing[*]}" >&2
  echo "(Debian: apt-get install ${missing[*]})" >&2
fi
exit 0
