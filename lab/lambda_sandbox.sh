# In a mount namespace of its own: only /tmp can be written, and no privilege is left.
#   sh lambda_sandbox.sh CODE VENV COMMAND...
# The code is at /mnt/task, as it is at /var/task in Lambda; the virtual environment at /mnt/venv.
set -eu
code=$1
venv=$2
shift 2

mount -t tmpfs none /mnt
mkdir /mnt/task /mnt/venv
mount --bind "$code" /mnt/task
mount --bind "$venv" /mnt/venv
mount -t tmpfs -o size=512m none /tmp
while read -r _ at _; do
  case $at in
    /tmp | /proc | /proc/* | /dev | /dev/* | /sys | /sys/*) continue ;;
  esac
  if mountpoint -q "$at"; then
    mount -o remount,bind,ro "$at"
  fi
done </proc/self/mounts
cd /mnt/task
exec setpriv --bounding-set=-all --inh-caps=-all --no-new-privs "$@"
