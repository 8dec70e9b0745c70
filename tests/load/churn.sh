#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes and ends small guests in alternating rows (tests/guests/load_spin.c), in the control domain: churn FIRST COUNT. Some are
# always there, with little weight, and the next ones are made beside them. They end at different times of their lives.
KEPT=2
PATIENCE=1200    # twentieths of a second

# Waits until the command succeeds.
until_succeeds() {
    tries=0
    until eval "$1"; do
        [ $tries -lt $PATIENCE ] || { echo "not in time: $1"; return 1; }
        usleep 50000
        tries=$((tries + 1))
    done
}

# make NUMBER
make() {
    case $(($1 % 3)) in
    0) type=pv kernel=pv64 ;;
    1) type=pvh kernel=pvh64 ;;
    2) type=pvh kernel=pvh32 ;;
    esac
    paused= devices=
    [ $(($1 % 5)) = 4 ] && paused=-p
    # devices that its kernel does not ask for
    [ $(($1 % 20)) = 7 ] && devices='vif=["bridge=xenbr0"] disk=["file:/tmp/churn,xvda,w"]'
    log=/var/log/xen/console/guest-c$1.log
    rm -f $log
    xl create $paused /dev/null "name=\"c$1\"" "type=\"$type\"" "kernel=\"/guests/tests/$kernel/load_spin.elf\"" memory=32 \
        cpu_weight=32 vcpus=$(($1 / 3 % 2 + 1)) $devices >/tmp/xl 2>&1 || { cat /tmp/xl; return 1; }
    [ $(($1 % 5)) -ge 3 ] || until_succeeds "grep -q LOAD $log"
}

end() { xl destroy c$1 && until_succeeds "! xl domid c$1 >/dev/null 2>&1"; }

number=$1 last=$(($1 + $2 - 1))
while [ $number -le $last ]; do
    make $number || exit 1
    [ $number -lt $(($1 + KEPT)) ] || end $((number - KEPT)) || exit 1
    number=$((number + 1))
done
number=$((number - KEPT))
[ $number -ge $1 ] || number=$1
while [ $number -le $last ]; do end $number || exit 1; number=$((number + 1)); done
