#!/bin/sh
# SPDX-License-Identifier: MIT
# Keeps a guest's disk, processor and network at work, each by rounds, until it is told to stop. What went wrong is in
# /tmp/wrong; how many rounds of a kind there were is in /tmp/rounds/KIND.
#   work begin NODE FROM TO [DISK]   NODE is the last number of this one's address 10.7.0.NODE; streams come in from node FROM
#                                    and go out to node TO; without DISK there are only streams
#   work on                          until each kind has had another round
#   work end                         until what this one does by itself has ended; how many rounds there were
#   work came COUNT                  until so many streams have come; how many it were
PROGRAMS=/mnt/usr/bin
DISK_KIB=1024
STREAM_KIB=256
STRESS="--cpu 1 --cpu-method crc16 --cpu-ops 1 --vm 1 --vm-bytes 1m --vm-ops 10"
STRESS="$STRESS --switch 1 --switch-ops 200 --fork 1 --fork-ops 2"

wrong() { echo "$*" >>/tmp/wrong; }
rounds() { cat "/tmp/rounds/$1"; }

# kind NAME: rounds of round_NAME, until it is time to stop. The number is there, or it is not, but never half of it.
kind() {
    number=0
    until [ -e /tmp/stop ]; do
        number=$((number + 1))
        "round_$1"
        echo $number >/tmp/rounds/.$1
        mv /tmp/rounds/.$1 /tmp/rounds/$1
    done
    touch "/tmp/ended-$1"
}

# 4 KiB blocks at random places, past the page cache, 16 under way, other data in each round; all are read again and checked.
round_disk() {
    $PROGRAMS/fio --name=load --filename="$disk" --size=${DISK_KIB}k --rw=randwrite --bs=4k --direct=1 --ioengine=libaio \
        --iodepth=16 --randseed=$number --verify=crc32c --verify_fatal=1 --do_verify=1 >/tmp/fio 2>&1 \
        || wrong "disk, round $number: $(tail -n 3 /tmp/fio)"
    grep -q "issued rwts: total=$((DISK_KIB / 4)),$((DISK_KIB / 4))," /tmp/fio || wrong "disk, round $number: not all blocks"
}

round_processor() {
    $PROGRAMS/stress-ng --verify --temp-path /tmp $STRESS >/tmp/stress 2>&1 \
        || wrong "processor, round $number: $(tail -n 3 /tmp/stress)"
}

# The receiver may not be there yet: before it has been reached there is nothing that could be lost.
round_out() {
    until stream $((node * 1000000 + number)) $STREAM_KIB 10.7.0.$to 5001 2>/tmp/out; do
        grep -q '^connect: Connection refused' /tmp/out || wrong "stream out, round $number: $(cat /tmp/out)"
        [ -e /tmp/stop ] && { number=$((number - 1)); return; }
        usleep 20000
    done
}

round_in() {
    found=$(stream receive 5001 | sha256sum)
    wanted=$(stream $((from * 1000000 + number)) $STREAM_KIB | sha256sum)
    [ "$found" = "$wanted" ] || wrong "stream in, round $number: $found, not $wanted"
}

case $1 in
begin)
    node=$2 from=$3 to=$4 disk=$5
    mkdir -p /tmp/rounds
    for each in out in ${disk:+disk processor}; do
        echo 0 >/tmp/rounds/$each
        kind $each &
    done
    ;;
on)
    for each in $(ls /tmp/rounds); do
        enough=$(($(rounds $each) + 1))
        until [ "$(rounds $each 2>/dev/null)" -ge $enough ]; do usleep 100000; done
    done
    ;;
end)
    touch /tmp/stop
    for each in $(ls /tmp/rounds | grep -v in); do
        until [ -e /tmp/ended-$each ]; do usleep 100000; done
        echo "$each=$(rounds $each)"
    done
    ;;
came)
    tries=0
    until [ "$(rounds in)" -ge "$2" ] || [ $tries -ge 300 ]; do usleep 100000; tries=$((tries + 1)); done
    echo "in=$(rounds in)"
    ;;
esac
[ ! -e /tmp/wrong ] || { head -n 5 /tmp/wrong; false; }
