#!/bin/sh
# SPDX-License-Identifier: MIT
# Works on a guest's disk and network until it is killed: loads DISK SHA256, which is that of http://10.7.0.1/data. Each round
# on the disk writes other data, and all are checked; how many rounds there were is in /tmp/rounds-disk and /tmp/rounds-net,
# which of them went wrong in /tmp/wrong. loads more: waits for two more of both.
KIBIBYTES=512

disk() {
    round=0
    while :; do
        round=$((round + 1))
        stream $round $KIBIBYTES >/tmp/written
        wanted=$(sha256sum </tmp/written)
        dd if=/tmp/written of="$1" bs=64k oflag=direct 2>/dev/null
        found=$(dd if="$1" bs=64k count=$((KIBIBYTES / 64)) iflag=direct 2>/dev/null | sha256sum)
        [ "$wanted" = "$found" ] || echo "disk, round $round" >>/tmp/wrong
        echo $round >/tmp/rounds.disk; mv /tmp/rounds.disk /tmp/rounds-disk
    done
}

net() {
    round=0
    while :; do
        round=$((round + 1))
        found=$(wget -q -O - http://10.7.0.1/data | sha256sum)
        [ "$found" = "$1  -" ] || echo "network, round $round" >>/tmp/wrong
        echo $round >/tmp/rounds.net; mv /tmp/rounds.net /tmp/rounds-net
    done
}

if [ "$1" = more ]; then
    for kind in disk net; do
        enough=$(($(cat /tmp/rounds-$kind) + 2))
        until [ "$(cat /tmp/rounds-$kind)" -ge $enough ] 2>/dev/null; do usleep 100000; done
    done
    exit
fi
echo 0 >/tmp/rounds-disk
echo 0 >/tmp/rounds-net
disk "$1" &
net "$2" &
