#!/bin/sh
# Becomes a systemd that has this machine's files, and whose changes to them are gone when it ends:
# boot.sh FOLDER, in namespaces of its own and as their root. FOLDER/files is put over the root.
set -e
folder=$1
mount --make-rprivate /
mount -t tmpfs tmpfs "$folder/mount"
cd "$folder/mount"
mkdir work root
cp -a "$folder/files" upper
mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root
cd root
mount -t proc proc proc
mount -t sysfs sysfs sys
for place in run tmp dev; do mount -t tmpfs tmpfs $place; done
for device in null zero full random urandom tty; do
    touch dev/$device
    mount --bind /dev/$device dev/$device
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t cgroup2 cgroup2 sys/fs/cgroup
mkdir -p old
pivot_root . old
umount -l old
mount --make-rshared /
exec env -i container=other NOTIFY_SOCKET="$NOTIFY_SOCKET" PATH="$PATH" \
    /lib/systemd/systemd --unit=probe.target --show-status=no
