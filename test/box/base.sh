#!/bin/sh
# Makes the base image of the box in folder $1 with the mirror and the certificates of this machine.
set -eu
target=$1
command -v debootstrap >/dev/null || { echo 'debootstrap is missing: apt-get install debootstrap'; exit 1; }

sources=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources 2>/dev/null || true)
mirror=$(printf '%s\n' "$sources" | sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb  *\(\[[^]]*\] *\)\{0,1\}\([^ ]*\) .*/\2/p' | grep debian | grep -v security | head -n 1)
suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
grep -q '^ID=debian' /etc/os-release || suite=bookworm

rm -rf "$target.new"
trap 'rm -rf "$target.new"' EXIT
debootstrap --variant=minbase --include=ca-certificates,curl "$suite" "$target.new" ${mirror:+"$mirror"}

# The machine's own apt sources, when they are Debian's, and its settings for the network.
[ ! -e /etc/apt/sources.list.d/debian.sources ] || {
  cp /etc/apt/sources.list.d/debian.sources "$target.new/etc/apt/sources.list.d/" && : >"$target.new/etc/apt/sources.list"
}
grep -ilE 'proxy|CAInfo' /etc/apt/apt.conf.d/* 2>/dev/null | while read -r file; do cp "$file" "$target.new/etc/apt/apt.conf.d/"; done
cp /etc/ssl/certs/ca-certificates.crt "$target.new/etc/ssl/certs/ca-certificates.crt"
cp /etc/resolv.conf "$target.new/etc/resolv.conf"

printf 'gb10-box\n' >"$target.new/etc/hostname"
printf '127.0.0.1 localhost gb10-box\n' >"$target.new/etc/hosts"
# Nothing may start a service: the processes would be of this machine's kernel.
printf '#!/bin/sh\nexit 101\n' >"$target.new/usr/sbin/policy-rc.d"
chmod 755 "$target.new/usr/sbin/policy-rc.d"
printf 'APT::Install-Recommends "false";\nAcquire::Languages "none";\n' >"$target.new/etc/apt/apt.conf.d/90box"
chroot "$target.new" useradd --create-home --shell /bin/bash spark
chroot "$target.new" apt-get update
chroot "$target.new" apt-get clean
mv "$target.new" "$target"
