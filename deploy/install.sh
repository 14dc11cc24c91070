#!/bin/sh
# Installs or upgrades Tiến Độ Số from this folder; needs Python alone, no network.
#   sh install.sh [--prefix /opt/tiendoso] [--no-services]
# Each release has a folder of its own; the link `current` is moved last, so a failed install leaves the old one running,
# and the one before is there to go back to: ln -sfn releases/NAME PREFIX/current. Data lies elsewhere and is not touched.
set -eu
prefix=/opt/tiendoso
services=yes
while [ $# -gt 0 ]; do
    case $1 in
    --prefix) prefix=$2; shift 2 ;;
    --no-services) services=no; shift ;;
    *) echo "usage: sh install.sh [--prefix FOLDER] [--no-services]" >&2; exit 2 ;;
    esac
done
stop() { echo "install: $1" >&2; exit 1; }

cd "$(dirname "$0")"
here=$(pwd)
python=${PYTHON:-python3}
sha256sum --quiet -c SHA256SUMS || stop "the bundle is damaged; copy it again. / Gói cài đặt bị hỏng, hãy chép lại."
kind=$("$python" -c 'import platform, sys; print(f"cp{sys.version_info.major}{sys.version_info.minor}-{platform.system().lower()}-{platform.machine()}")')
[ "$kind" = "$(cat KIND)" ] || stop "this bundle is for $(cat KIND), here is $kind; set PYTHON to another Python or make another bundle."

release=$prefix/releases/$(cat VERSION)-$(sha256sum SHA256SUMS | cut -c1-8)
if [ ! -e "$release/.complete" ]; then
    rm -rf "$release"
    mkdir -p "$release"
    trap 'rm -rf "$release"' EXIT
    cp -R app/. "$release/"
    "$python" -m venv --without-pip "$release/.venv"
    run="$release/.venv/bin/python"
    PIP_NO_INDEX=1 PIP_DISABLE_PIP_VERSION_CHECK=1
    export PIP_NO_INDEX PIP_DISABLE_PIP_VERSION_CHECK
    "$run" "$(ls "$here"/wheels/pip-*.whl)/pip" install -q --no-deps "$here"/wheels/*.whl
    "$run" -m pip install -q --no-deps --no-build-isolation -e "$release"
    "$run" -m compileall -q "$release/etl" "$release/sql" "$release/dashboard"
    "$release/.venv/bin/tiendoso" --version
    touch "$release/.complete"
    trap - EXIT
fi
ln -sfn "$release" "$prefix/.current"
mv -T "$prefix/.current" "$prefix/current"
echo "installed: $release"
[ "$services" = yes ] || exit 0

[ "$(id -u)" = 0 ] || stop "users and services are for root to make; run as root, or with --no-services."
[ "$prefix" = /opt/tiendoso ] || stop "the units in deploy/systemd name /opt/tiendoso; change them and install them yourself."
mkdir -p /etc/tiendoso
[ -e /etc/tiendoso/tiendoso.env ] || cp "$release/deploy/tiendoso.env" /etc/tiendoso/
install -m 644 "$release/deploy/sysusers.conf" /etc/sysusers.d/tiendoso.conf
install -m 644 "$release/deploy/tmpfiles.conf" /etc/tmpfiles.d/tiendoso.conf
install -m 644 "$release"/deploy/systemd/* /etc/systemd/system/
systemd-sysusers tiendoso.conf
systemd-tmpfiles --create tiendoso.conf
systemctl daemon-reload
systemctl enable -q tiendoso-watch.service tiendoso-web.service tiendoso-backup.timer
systemctl restart tiendoso-watch.service tiendoso-web.service tiendoso-backup.timer
cat <<WORDS
Running. What is left:
  1. name of the server:  /etc/tiendoso/tiendoso.env (TIENDOSO_PUBLIC_URL), then systemctl restart tiendoso-web
  2. certificate and key:  /etc/ssl/tiendoso/certificate.pem and key.pem
  3. nginx:                set -a; . /etc/tiendoso/tiendoso.env; $prefix/current/.venv/bin/tiendoso nginx >/etc/nginx/sites-enabled/tiendoso && nginx -t && systemctl reload nginx
  4. first admin:          see \`tiendoso user --help\`, as the user tiendoso-web
How it is:  curl -s http://127.0.0.1:8501/readyz
WORDS
