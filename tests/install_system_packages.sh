#!/bin/sh
# Browser, LibreOffice and others for the tests, from Debian's packages (listed in debian-packages.txt).
# A programme of a package's name that came another way will do: Debian's npm cannot stand beside another Node.js.
set -eu
list="$(dirname "$0")/debian-packages.txt"
missing=""
for package in $(cat "$list"); do
    dpkg -s "$package" >/dev/null 2>&1 || command -v "$package" >/dev/null || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
$as_root apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing
