#!/bin/bash
# image-busybox.sh OUTPUT
# A container image of about 1 MB from this machine's static busybox: IPv4 by DHCP on eth0, IPv6 by SLAAC on both
# NICs, a shell on the console, a web server on port 80. The same input gives the same bytes, so that every host has
# it under one fingerprint.
set -euo pipefail
output=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/rootfs
mkdir -p "$root"/{bin,sbin,etc/init.d,proc,sys,dev,tmp,root,var/log,run,usr/bin,usr/sbin,www} "$work/templates"
chmod 1777 "$root/tmp"
cp /bin/busybox "$root/bin/busybox"
chroot "$root" /bin/busybox true || { echo "/bin/busybox is not static: install busybox-static" >&2; exit 1; }
for applet in $(/bin/busybox --list); do
  case $applet in busybox | reboot) ;; *) ln -s busybox "$root/bin/$applet" ;; esac
done
ln -s ../bin/busybox "$root/sbin/init"
ln -s ../bin/ip "$root/sbin/ip"
# init's own way down waits 2 s for processes to end; "shutdown" below leaves at once, and reboot must not power off.
printf '#!/bin/sh\nexec /bin/busybox reboot -f\n' >"$root/bin/reboot"
chmod +x "$root/bin/reboot"

printf 'root:x:0:0:root:/root:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\n' >"$root/etc/group"
echo busybox >"$root/etc/hostname"
echo '127.0.0.1 localhost' >"$root/etc/hosts"
: >"$root/etc/resolv.conf"
printf 'NAME="BusyBox testbed"\nID=busybox\nVERSION_ID=1\n' >"$root/etc/os-release"
cat >"$root/etc/inittab" <<'END'
::sysinit:/etc/init.d/rcS
::respawn:-/bin/sh
::respawn:/bin/httpd -f -p 80 -h /www
::ctrlaltdel:/bin/poweroff
::shutdown:/bin/poweroff -f
END
cat >"$root/etc/init.d/rcS" <<'END'
#!/bin/sh
hostname "$(cat /etc/hostname)"
hostname >/www/index.html
ip link set lo up
for i in eth0 eth1; do
  [ -e /sys/class/net/$i ] || continue
  cd /proc/sys/net/ipv6/conf/$i 2>/dev/null && {
    echo 0 >use_tempaddr
    # Ready at once instead of after 1 to 2 s; nobody here shares an address.
    echo 0 >accept_dad
    echo 0 >router_solicitation_delay
  }
  ip link set $i up
done
# -b: without an answer the boot goes on and udhcpc keeps asking.
[ -e /sys/class/net/eth0 ] && udhcpc -i eth0 -b -t 5 -T 1 -A 5 -S -x hostname:"$(hostname)" -s /etc/udhcpc.script >/dev/null 2>&1
exit 0
END
cat >"$root/etc/udhcpc.script" <<'END'
#!/bin/sh
case $1 in
deconfig) ip -4 addr flush dev $interface ;;
bound | renew)
  ip -4 addr flush dev $interface
  ip addr add $ip/${mask:-24} dev $interface
  for r in $router; do ip route replace default via $r dev $interface; done
  : >/etc/resolv.conf
  [ -n "$domain" ] && echo "search $domain" >>/etc/resolv.conf
  for d in $dns; do echo "nameserver $d" >>/etc/resolv.conf; done
  ;;
esac
END
chmod +x "$root/etc/init.d/rcS" "$root/etc/udhcpc.script"

echo '{{ container.name }}' >"$work/templates/hostname.tpl"
cat >"$work/metadata.yaml" <<END
architecture: $(uname -m)
creation_date: 1700000000
properties: {os: busybox, release: testbed, architecture: $(uname -m), description: BusyBox testbed}
templates:
  /etc/hostname:
    when: [create, copy, rename]
    template: hostname.tpl
END
tar -C "$work" --numeric-owner --owner=0 --group=0 --sort=name --mtime=@1700000000 -cf - metadata.yaml templates rootfs |
  gzip -n >"$output"
