#!/bin/bash
# image-debian.sh OUTPUT
# A Debian 12 container image with systemd, networkd and sshd. LONGSHORE_TESTBED_MIRROR names the mirror.
set -euo pipefail
output=$1
command -v debootstrap >/dev/null || { echo "debootstrap is missing: apt-get install debootstrap zstd" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
root=$work/rootfs
mkdir -p "$work/templates"
# udev is needed: containers have a writable /sys, so networkd leaves links "pending" until udev has seen them.
debootstrap --variant=minbase \
  --include=systemd,systemd-sysv,udev,dbus,openssh-server,iproute2,iputils-ping,netbase,ca-certificates \
  bookworm "$root" "$LONGSHORE_TESTBED_MIRROR" >"$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; exit 1; }

cat >"$root/etc/systemd/network/10-eth0.network" <<'END'
[Match]
Name=eth0
[Network]
DHCP=ipv4
IPv6AcceptRA=yes
END
cat >"$root/etc/systemd/network/20-eth1.network" <<'END'
[Match]
Name=eth1
[Network]
IPv6AcceptRA=yes
LinkLocalAddressing=ipv6
[IPv6AcceptRA]
UseDNS=no
END
# Host keys are made at the first start, each container its own.
mkdir -p "$root/etc/systemd/system/ssh.service.d"
printf '[Service]\nExecStartPre=\nExecStartPre=/usr/bin/ssh-keygen -A\nExecStartPre=/usr/sbin/sshd -t\n' \
  >"$root/etc/systemd/system/ssh.service.d/keys.conf"
chroot "$root" systemctl -q enable systemd-networkd ssh
chroot "$root" systemctl -q mask systemd-networkd-wait-online.service getty-static.service apt-daily.timer \
  apt-daily-upgrade.timer e2scrub_all.timer fstrim.timer systemd-modules-load.service sys-kernel-debug.mount \
  sys-kernel-tracing.mount
install -d -m 700 "$root/root/.ssh"
rm -rf "$root"/etc/ssh/ssh_host_* "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* \
  "$root"/usr/share/{doc,man,locale,info,lintian}/* "$root"/var/log/*.log "$root"/usr/share/i18n
: >"$root/etc/machine-id"
echo debian >"$root/etc/hostname"

echo '{{ container.name }}' >"$work/templates/hostname.tpl"
cat >"$work/metadata.yaml" <<END
architecture: $(uname -m)
creation_date: 1700000000
properties: {os: debian, release: bookworm, architecture: $(uname -m), description: Debian 12 testbed}
templates:
  /etc/hostname:
    when: [create, copy, rename]
    template: hostname.tpl
END
tar -C "$work" --numeric-owner --sort=name -I 'zstd -3 -T0' -cf "$output" metadata.yaml templates rootfs
