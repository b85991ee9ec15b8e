#!/bin/bash
# host-init.sh NAME DIR RESOLVER DOMAIN
# PID 1 of one testbed host. It starts in fresh mount, uts, ipc, pid and cgroup namespaces and the host's network
# namespace, makes the mounts that a daemon looks at show this host and nothing else, then reaps orphans for ever.
# bash and not sh, because bash reaps children that it did not start itself.
set -euo pipefail
name=$1 dir=$2 resolver=$3 domain=$4
groups=/sys/fs/cgroup

exec </dev/null
read -r outer_pid _ </proc/self/stat # /proc is still the machine's: this is our pid as seen from outside
hostname "$name"
mount --make-rprivate /

if [ -e $groups/cgroup.controllers ]; then layout=v2; else layout=hybrid; fi
umount -l -R /sys
mount -t proc proc /proc
mount -t sysfs -o nosuid,nodev,noexec sysfs /sys # mounted here, so /sys/class/net shows this host's links
mount -t securityfs securityfs /sys/kernel/security 2>/dev/null || true # kernels without AppArmor have none

if [ $layout = v2 ]; then
  # A group that hands on controllers may hold no process itself. liblxc knows the name init.scope.
  mount -t cgroup2 cgroup2 $groups
  mkdir $groups/init.scope
  echo 1 >$groups/init.scope/cgroup.procs
  read -r controllers <$groups/cgroup.controllers
  for c in $controllers; do echo "+$c" >$groups/cgroup.subtree_control || true; done
else
  mount -t tmpfs -o mode=755 tmpfs $groups
  while IFS=: read -r _ controllers _; do
    case $controllers in
      "") at=$groups/unified type=cgroup2 options=rw ;;
      name=*) at=$groups/${controllers#name=} type=cgroup options=none,$controllers ;;
      *) at=$groups/$controllers type=cgroup options=$controllers ;;
    esac
    mkdir -p "$at"
    mount -t $type -o "$options" $type "$at"
  done </proc/self/cgroup
fi

# The machine's resolver must not be asked: daemons look for image servers at start, and nothing leaves the testbed.
resolv=$(readlink -m /etc/resolv.conf)
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mkdir -p /run/lock
case $resolv in /run/*) mkdir -p "${resolv%/*}" && : >"$resolv" ;; esac
printf 'nameserver %s\nsearch %s\n' "$resolver" "$domain" >"$dir/resolv.conf"
if [ -e "$resolv" ]; then mount --bind "$dir/resolv.conf" "$resolv"; fi
echo "$name" >"$dir/hostname"
if [ -e /etc/hostname ]; then mount --bind "$dir/hostname" /etc/hostname; fi

# Gives containers their own /proc/meminfo and so on; hosts work without it.
if command -v lxcfs >/dev/null && [ -d /var/lib/lxcfs ]; then
  setsid lxcfs /var/lib/lxcfs >"$dir/lxcfs.log" 2>&1 &
fi

echo "$outer_pid" >"$dir/init.pid.new"
mv "$dir/init.pid.new" "$dir/init.pid"
trap : TERM INT HUP PWR
while :; do
  sleep 1000000 &
  wait $! || true
done
