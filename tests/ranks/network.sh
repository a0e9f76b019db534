# shellcheck shell=sh disable=SC2154
# Two machines on one: network namespaces with a wire of limited bandwidth between them. Needs root
# and the commands ip and tc. Sourced after common.sh.

# may_make_networks: false where the system does not permit namespaces
may_make_networks()
{
    ip netns add "weft$$" 2>/dev/null || return 1
    ip netns del "weft$$"
    command -v tc >/dev/null && command -v unshare >/dev/null
}

# make_network RATE: two namespaces, and a wire of this bandwidth, such as 100mbit
make_network()
{
    near=weftnear$$
    far=weftfar$$
    trap 'remove_network; rm -rf "$work"' EXIT
    ip netns add "$near" && ip netns add "$far" &&
        ip link add "wl$$" netns "$near" type veth peer name "wr$$" netns "$far" || return 1
    join_network "$near" "wl$$" 10.77.0.1 "$1" && join_network "$far" "wr$$" 10.77.0.2 "$1" ||
        return 1
    printf '#!/bin/sh\nshift\nexec ip netns exec %s unshare --uts sh -c "hostname machine-b; $*"\n' \
        "$far" >agent
    chmod +x agent
}

join_network() # NAMESPACE DEVICE ADDRESS RATE
{
    ip -n "$1" addr add "$3/24" dev "$2" && ip -n "$1" link set lo up && ip -n "$1" link set "$2" up
    ip netns exec "$1" sysctl -qw net.ipv4.tcp_retries2=3
    ip netns exec "$1" tc qdisc add dev "$2" root tbf rate "$4" burst 256k latency 400ms
}

# cut_network: nothing passes any more
cut_network()
{
    ip -n "$near" link set "wl$$" down
}

# A daemon of Open MPI on the far machine may outlive the wire.
remove_network()
{
    for namespace in "$near" "$far"; do
        for process in $(ip netns pids "$namespace"); do
            kill -9 "$process" 2>/dev/null
        done
        ip netns del "$namespace" 2>/dev/null
    done
}

# over_network RANKS COMMAND...: half of the ranks on each machine. Without the keepalive, and with the
# usual number of retries, mpirun waits for a quarter of an hour for a machine that is gone.
over_network()
{
    half=$(($1 / 2))
    other=$(($1 - half))
    shift
    ip netns exec "$near" unshare --uts sh -c 'hostname machine-a; exec "$@"' sh \
        mpirun --host "10.77.0.1:$half,10.77.0.2:$other" --mca plm_rsh_agent "$work/agent" \
        --mca plm_rsh_no_tree_spawn 1 --mca btl tcp,vader,self \
        --mca oob_tcp_keepalive_time 5 --mca oob_tcp_keepalive_intvl 2 \
        --mca oob_tcp_keepalive_probes 3 --mca btl_tcp_if_include 10.77.0.0/24 \
        --mca oob_tcp_if_include 10.77.0.0/24 "$@"
}
