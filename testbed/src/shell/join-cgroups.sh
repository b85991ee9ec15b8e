#!/bin/sh
# join-cgroups.sh GROUP[:GROUP...] COMMAND...
# Moves itself into the control groups, then becomes the command. A process of its own has to do this: Node
# cannot act between fork and exec, and the groups must be joined before a cgroup namespace is made or entered.
set -eu
groups=$1
shift
IFS=:
for group in $groups; do
  echo $$ >"$group/cgroup.procs"
done
unset IFS
cd /
exec "$@"
