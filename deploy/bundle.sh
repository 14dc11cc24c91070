#!/bin/sh
# Makes one archive that installs without network: bundle.sh [FOLDER (default dist)]
# In it: the checkout as it is tracked, a wheel of everything needed, built and checked against the pinned hashes for
# this very kind of machine and Python, install.sh, and the checksums of all.
set -eu
cd "$(dirname "$0")/.."
target=${1:-dist}
python=${PYTHON:-.venv/bin/python}
requirements=${REQUIREMENTS:-requirements.txt}
mkdir -p "$target"
target=$(cd "$target" && pwd)
version=$("$python" -c 'import tomllib; print(tomllib.load(open("pyproject.toml", "rb"))["project"]["version"])')
kind=$("$python" -c 'import platform, sys; print(f"cp{sys.version_info.major}{sys.version_info.minor}-{platform.system().lower()}-{platform.machine()}")')
name=tiendoso-$version-$kind
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/$name/wheels" "$work/$name/app"
git ls-files -z | tar --null --files-from=- -cf - | tar -xf - -C "$work/$name/app"
for list in "$requirements" deploy/installer.txt; do
    "$python" -m pip --disable-pip-version-check wheel -q --require-hashes -r "$list" -w "$work/$name/wheels"
done
cp deploy/install.sh "$work/$name/"
echo "$version" >"$work/$name/VERSION"
echo "$kind" >"$work/$name/KIND"
(cd "$work/$name" && find . -type f ! -name SHA256SUMS -print0 | LC_ALL=C sort -z | xargs -0 sha256sum >SHA256SUMS)
tar -C "$work" -czf "$target/.$name.tar.gz" "$name"
mv "$target/.$name.tar.gz" "$target/$name.tar.gz"
(cd "$target" && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
echo "$target/$name.tar.gz"
