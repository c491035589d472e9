#!/bin/sh
# First process of a box (box.sh): puts the root together in its own mount namespace, and becomes the command.
# shellcheck disable=SC1091,SC2016
set -eu
exec 3<&0
root=$GB10_BOX_UPPER/root
mkdir -p "$root"
mount -t overlay overlay -o "lowerdir=$GB10_BOX_LAYERS,upperdir=$GB10_BOX_UPPER/upper,workdir=$GB10_BOX_UPPER/work" "$root"

mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$root/sys" 2>/dev/null || true
mount -t tmpfs -o nosuid,mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
  : >"$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
ln -s /proc/self/fd "$root/dev/fd"
ln -s /proc/self/fd/0 "$root/dev/stdin"
ln -s /proc/self/fd/1 "$root/dev/stdout"
ln -s /proc/self/fd/2 "$root/dev/stderr"
mkdir "$root/dev/shm" "$root/dev/pts"
mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
mount -t tmpfs -o nosuid,nodev,mode=755 tmpfs "$root/run"
hostname gb10-box

# Blanks in bound paths are not needed by any test.
for bind in $GB10_BOX_BINDS; do
  mode=${bind%%:*} pair=${bind#*:}
  from=${pair%%:*} to=$root${pair#*:}
  if [ -d "$from" ]; then mkdir -p "$to"; else mkdir -p "${to%/*}" && : >"$to"; fi
  mount --bind "$from" "$to"
  [ "$mode" = rw ] || mount -o remount,ro,bind "$to"
done

user=$GB10_BOX_USER
home=$(awk -F: -v user="$user" '$1 == user { print $6 }' "$root/etc/passwd")
. "$GB10_BOX_HERE/settings.sh"
pass_settings

# The command sees a chosen environment: each variable goes on as one argument of env.
set -- setpriv --reuid="$user" --regid="$user" --init-groups sh -c 'cd "$0" && exec "$@"' "$GB10_BOX_CWD" "$@"
for name in $(kept_environment) NPM_CONFIG_GLOBALCONFIG; do
  eval "set -- \"$name=\$$name\" \"\$@\""
done
path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# The first process of a namespace ignores TERM and does not collect orphans, so the command is not it.
env -i HOME="$home" USER="$user" LOGNAME="$user" SHELL=/bin/bash PATH="$path" LANG=C.UTF-8 chroot "$root" /usr/bin/env "$@" <&3 &
command=$!
exec 3<&-
trap 'kill -TERM "$command"' TERM INT
code=0
wait "$command" || code=$?
exit "$code"
