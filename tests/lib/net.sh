# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# shellcheck disable=SC2034  # variables for those who source this
#
# The topology of the peers lane, the demo and `make shell`, in network
# namespaces; to be sourced, in a virtual machine, as root.
#
#  phone (IPv4 only)                                            srv4 (IPv4 only)
#  192.168.1.2                                                     203.0.113.9
#      |                                                                |
#      | 192.168.1.1                                      203.0.113.1   |
#    clat  tayga: 192.168.1.2 = 2001:db8:1:464::2                     net4
#      | 2001:db8:1::2                                      192.0.2.2   |
#      |                                                                |
#      | 2001:db8:1::1                                      192.0.2.1   |
#    net6 --- 2001:db8:9::1 ----- 2001:db8:9::2 --- plat ---------------+
#      |  |                         NAT64 prefix 2001:db8:64::/96
#      |  | 2001:db8:3::1           pool         198.51.100.0/28
#      |  +------------------ srv6 2001:db8:3::2 (IPv6 only)
#      | 2001:db8:2::1
#      +--------------------- host6 2001:db8:2::2 (IPv6 only)
#
# Interfaces are named after the namespace at their other end. srv4 has a route
# to the pool and to nothing else beyond its link: an untranslated packet that
# leaked would find no way back. net6 and net4 are the routers of both worlds.

net_prefix=2001:db8:64::
net_pool=198.51.100.0/28
net_pool_re='198\.51\.100\.[0-9]+'
net_srv4=203.0.113.9
net_srv4_in6=${net_prefix}cb00:7109
net_srv6=2001:db8:3::2
net_host6=2001:db8:2::2
net_phone=192.168.1.2
net_phone_in6=2001:db8:1:464::2

net_namespaces="phone clat net6 host6 srv6 plat net4 srv4"
net_run=${NET_RUN:-/run/nat64-net}

# in NAMESPACE COMMAND ARG...
in_ns() {
	local ns=$1
	shift
	nsenter --net="/run/netns/$ns" -- "$@"
}

# wait_for SECONDS COMMAND ARG...: until it succeeds. The time is for an idle
# machine, a busy one gets four times as much.
wait_for() {
	local end=$((SECONDS + 4 * $1))
	shift

	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

# Duplicate address detection would delay the first packets, and the limits of
# ICMP errors would make traceroute a lottery.
ns_setup() {
	local ns

	for ns in "$@"; do
		in_ns "$ns" bash -s "$ns" <<-'END' || return
			cd /proc/sys/net || exit
			for c in all default; do
				echo 0 >ipv6/conf/$c/accept_dad
				echo 0 >ipv6/conf/$c/dad_transmits
				echo 0 >ipv6/conf/$c/accept_ra
				echo 0 >ipv4/conf/$c/rp_filter
			done
			echo 0 >ipv6/icmp/ratelimit
			echo 0 >ipv4/icmp_ratelimit
			case $1 in
			clat* | net* | plat*)
				echo 1 >ipv4/ip_forward
				echo 1 >ipv6/conf/all/forwarding
				;;
			esac
		END
	done
}

# Processes are what costs time here, hence the batches.
net_links() {
	# shellcheck disable=SC2086  # a list
	printf 'netns add %s\n' $net_namespaces | ip -batch - || return
	ip -batch - <<-END
		link add clat netns phone mtu 1500 type veth peer phone netns clat mtu 1500
		link add net6 netns clat mtu 1500 type veth peer clat netns net6 mtu 1500
		link add net6 netns host6 mtu 1500 type veth peer host6 netns net6 mtu 1500
		link add net6 netns srv6 mtu 1500 type veth peer srv6 netns net6 mtu 1500
		link add net6 netns plat mtu 1500 type veth peer plat netns net6 mtu 1500
		link add net4 netns plat mtu 1500 type veth peer plat netns net4 mtu 1500
		link add srv4 netns net4 mtu 1500 type veth peer net4 netns srv4 mtu 1500
	END
}

# links_up NS DEV=ADDRESS...
links_up() {
	local ns=$1 link
	shift

	{
		echo link set lo up
		for link in "$@"; do
			echo "addr add ${link#*=} dev ${link%%=*}"
			echo "link set ${link%%=*} up"
		done
	} | ip -n "$ns" -batch -
}

net_addresses() {
	links_up phone clat=192.168.1.2/24 &&
	links_up clat phone=192.168.1.1/24 net6=2001:db8:1::2/64 &&
	links_up net6 clat=2001:db8:1::1/64 host6=2001:db8:2::1/64 \
		srv6=2001:db8:3::1/64 plat=2001:db8:9::1/64 &&
	links_up host6 net6=2001:db8:2::2/64 &&
	links_up srv6 net6=2001:db8:3::2/64 &&
	links_up plat net6=2001:db8:9::2/64 net4=192.0.2.1/24 &&
	links_up net4 plat=192.0.2.2/24 srv4=203.0.113.1/24 &&
	links_up srv4 net4=203.0.113.9/24
}

# routes_add NS "DESTINATION via GATEWAY"...
routes_add() {
	local ns=$1
	shift

	printf 'route add %s\n' "$@" | ip -n "$ns" -batch -
}

net_routes() {
	routes_add phone "default via 192.168.1.1" &&
	routes_add clat "default via 2001:db8:1::1" &&
	routes_add host6 "default via 2001:db8:2::1" &&
	routes_add srv6 "default via 2001:db8:3::1" &&
	routes_add net6 "2001:db8:1:464::/64 via 2001:db8:1::2" \
		"$net_prefix/96 via 2001:db8:9::2" &&
	routes_add plat "default via 2001:db8:9::1" \
		"default via 192.0.2.2" &&
	routes_add net4 "$net_pool via 192.0.2.1" &&
	# the second one lets traceroute from srv4 hear the routers it passes
	routes_add srv4 "$net_pool via 203.0.113.1" \
		"192.0.2.0/24 via 203.0.113.1"
}

# The whole picture but for the translators.
net_up() {
	mkdir -p "$net_run"
	echo 100000 >/proc/sys/net/ipv4/icmp_msgs_per_sec
	net_links || return
	# shellcheck disable=SC2086  # a list
	ns_setup $net_namespaces || return
	net_addresses || return
	net_routes || return
	wait_for 20 in_ns host6 ping -c 1 -W 1 2001:db8:9::2 || return
	wait_for 20 in_ns plat ping -c 1 -W 1 "$net_srv4"
}

# A connection that nobody owns any more keeps its namespace until the kernel has
# repeated its FIN often enough; so does a server's child whose client is gone.
net_down() {
	local ns

	service_stop_all
	for ns in /run/netns/*; do
		[ -e "$ns" ] || continue
		ip netns pids "${ns##*/}" | xargs -r kill
		in_ns "${ns##*/}" sysctl -q net.ipv4.tcp_orphan_retries=1
		ip netns del "${ns##*/}"
	done
}

# offloads on|off: segmentation, receive and checksum offload on every link
net_offloads() {
	local ns dev

	for ns in $net_namespaces; do
		for dev in $(ip -n "$ns" -br link show type veth |
				sed 's/@.*//'); do
			in_ns "$ns" ethtool -K "$dev" tx "$1" sg "$1" tso "$1" \
				gso "$1" gro "$1" >/dev/null 2>&1
		done
	done
}

# service_start NAME NS COMMAND ARG...: in the background, output to a file
service_start() {
	local name=$1 ns=$2
	shift 2

	(exec nsenter --net="/run/netns/$ns" -- setsid "$@") </dev/null \
		>"$net_run/$name.log" 2>&1 &
	echo $! >"$net_run/$name.pid"
}

service_gone() {
	! kill -0 "$1"
}

service_stop() {
	local pid

	pid=$(cat "$net_run/$1.pid" 2>/dev/null) || return 0
	rm -f "$net_run/$1.pid"
	kill "$pid" 2>/dev/null
	# it may be the child of a subshell that is gone
	wait "$pid" 2>/dev/null || wait_for 10 service_gone "$pid"
	return 0
}

service_stop_all() {
	local file

	for file in "$net_run"/*.pid; do
		[ ! -e "$file" ] || service_stop "$(basename "$file" .pid)"
	done
}

# listening NS PORT...: TCP servers are there; does not disturb them
listening() {
	local ns=$1 port table
	shift

	table=$(in_ns "$ns" cat /proc/net/tcp /proc/net/tcp6) || return
	for port in "$@"; do
		printf -v port '%04X' "$port"
		[[ $table =~ :$port\ [0-9A-F]+:0000\ 0A ]] || return
	done
}

# clat_map ADDRESS4 ADDRESS6: another host for clat_up
clat_maps=()
clat_map() {
	clat_maps+=("map $1 $2")
}

# tayga as the CLAT of the phone
clat_up() {
	local dir=$net_run/tayga

	mkdir -p "$dir"
	cat >"$dir/conf" <<-END
		tun-device clat
		prefix $net_prefix/96
		ipv4-addr 192.0.0.2
		ipv6-addr 2001:db8:1:464::1
		map $net_phone $net_phone_in6
		data-dir $dir
		$(printf '%s\n' ${clat_maps+"${clat_maps[@]}"})
	END
	modprobe tun || return
	in_ns clat tayga -c "$dir/conf" --mktun >/dev/null || return
	ip -n clat -batch - <<-END || return
		link set clat mtu 1480 up
		addr add 192.0.0.1/32 dev clat
		route add 0.0.0.0/0 dev clat
		route add 2001:db8:1:464::/64 dev clat
	END
	service_start tayga clat tayga -c "$dir/conf" --nodetach
	wait_for 20 in_ns phone ping -c 1 -W 1 192.0.0.2
}

# insmod does not load what a module needs
module_load() {
	local ko=${NAT64_KO:?path of nat64.ko} dep

	for dep in $(modinfo -F depends "$ko" | tr , ' '); do
		modprobe "$dep" || return
	done
	insmod "$ko"
}

module_loaded() {
	[ -e /sys/module/nat64 ]
}

# The PLAT of the picture.
plat_up() {
	module_loaded || module_load || return
	in_ns plat nat64ctl prefix add "$net_prefix/96" || return
	in_ns plat nat64ctl pool add "$net_pool"
}

plat_ready() {
	wait_for 20 in_ns host6 ping -c 1 -W 1 "$net_srv4_in6"
}

# A file, names and a bandwidth meter, served by srv4 and by srv6.
servers_up() {
	local size_mb=${1:-1} ns www=$net_run/www

	mkdir -p "$www"
	head -c "${size_mb}M" /dev/urandom >"$www/file"
	printf 'hello from the server\n' >"$www/hello"
	for ns in srv4 srv6; do
		service_start "httpd-$ns" "$ns" busybox httpd -fvv -p 80 -h "$www"
		service_start "iperf3-$ns" "$ns" iperf3 -s
		service_start "dns-$ns" "$ns" dnsmasq -k -u root -C /dev/null \
			--no-resolv --no-hosts --log-queries --log-facility=- \
			--pid-file= --address=/plain.test/192.0.2.77 \
			--txt-record=long.test,"$(dns_long)"
		wait_for 30 listening "$ns" 80 53 5201 || return
	done
}

# Strings of 200 characters, together too long for 512 bytes of UDP.
dns_long() {
	local i list=''

	for i in 1 2 3 4 5; do
		list+=${list:+,}$(printf '%0200d' "$i")
	done
	printf '%s' "$list"
}
