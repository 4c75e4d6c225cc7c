#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# FTP beyond single transfers: gates as they appear and are used, long control
# sessions, two clients on one pool address, TLS, servers and clients that lack
# half of the protocol, aborted transfers.

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/plat.sh"
. "$here/../lib/ftp.sh"

# One address for all, so that clients compete for its ports.
pool_addr=198.51.100.1
plain=21
pure=2121
tls=2122
# neither EPSV nor EPRT, and an address in its 227 where nobody is
odd=2123

gates() {
	plat -j gate show "$@"
}

gate_count() {
	gates "$@" | jq length
}

no_gates() {
	[ "$(gate_count)" = 0 ]
}

# row JSON EXPRESSION: of the only row
row() {
	expect_equal "rows" "$(jq length <<<"$1")" 1
	jq -r ".[0] | $2" <<<"$1"
}

# expect_row JSON FIELD WANTED...: pairs
expect_row() {
	local json=$1
	shift

	while [ $# -gt 0 ]; do
		expect_equal "$1" "$(row "$json" ".$1")" "$2"
		shift 2
	done
}

# owner CLIENT: port of the client's control connection
owner() {
	plat -j session show client "$1" server-port $plain state established |
		jq '.[0].client_port'
}

expect_deadline() {
	local ms

	ms=$(row "$1" .expires_ms)
	if [ "$ms" -lt 30000 ] || [ "$ms" -gt 60000 ]; then
		fail "expires in $ms ms"
	fi
}


# gate_of_active NS PORT: the gate, then the session that has used it
gate_of_active() {
	local ns=$1 port=$2 client json control

	client=$(client_of "$ns")
	console_open a "$ns" $plain
	want a '^230' say USER anonymous
	want a '^200' active "$port"
	control=$(owner "$client")
	json=$(gates client "$client")
	printf '%s\n' "$json"
	expect_row "$json" proto tcp client_addr "$client" \
		client_port "$port" pool_addr $pool_addr pool_port "$port" \
		server_addr $net_srv4 \
		server_port null alg ftp reserved false \
		owner_client_port "$control" owner_server_port $plain
	expect_deadline "$json"

	ftp_mark
	want a '^150' fetch pub/big
	want a '^100000' take 100000
	expect_equal "gates" "$(gate_count client "$client")" 0
	json=$(plat -j session show client "$client" client-port "$port")
	expect_row "$json" state established pool_addr $pool_addr \
		pool_port "$port" server_addr $net_srv4 server_port 20 \
		inbound true owner_client_port "$control" \
		owner_server_port $plain
	plat -d session show client "$client" client-port "$port" |
		grep "owner $client#$control" || fail "no owner in the text"
	want a '^closed' drop
	want a '^426' reply
	ftp_look
	ftp_moved ftp-gates-used -eq 1
	want a '^221' say QUIT
}

test_S_55_gate_phone() {
	gate_of_active phone 41000
}

test_FT_15_gate_host6() {
	gate_of_active host6 41100
}

# S-51 to S-53: the reply as it is, the gate to its port, any port of the client
gate_of_passive() {
	local ns=$1 client json port control

	client=$(client_of "$ns")
	console_open a "$ns" $plain
	want a '^230' say USER anonymous
	want a "$2" passive
	control=$(owner "$client")
	json=$(gates client "$client" to-ipv4)
	printf '%s\n' "$json"
	port=$(row "$json" .server_port)
	expect_row "$json" proto tcp client_addr "$client" client_port null \
		server_addr $net_srv4 pool_addr $pool_addr \
		alg ftp owner_client_port "$control"
	expect_deadline "$json"
	want a '^150' fetch pub/big
	expect_equal "gates" "$(gate_count client "$client")" 0
	json=$(plat -j session show client "$client" server-port "$port")
	expect_row "$json" state established pool_addr $pool_addr \
		server_port6 "$port" inbound false \
		owner_client_port "$control" owner_server_port $plain
	want a '^closed' drop
	want a '^426' reply
	want a '^221' say QUIT
}

test_S_53_gate_phone() {
	gate_of_passive phone '^227 .*\(203,0,113,9,'
}

test_FT_10_gate_host6() {
	gate_of_passive host6 '^229 .*\(\|\|\|'
}

# Who has no control connection any more has no gate.
test_G_08_control_closed() {
	console_open a phone $plain
	want a '^230' say USER anonymous
	want a '^200' active 41001
	expect_equal "gates" "$(gate_count client-port 41001)" 1
	expect "kill" plat -q session kill client $net_phone_in6
	expect_equal "gates" "$(gate_count client-port 41001)" 0
}

# Both want the same port of the same address: both get their data.
test_SEC_13_equal_ports() {
	local phone host

	console_open a phone $plain
	console_open b host6 $plain
	want a '^230' say USER anonymous
	want b '^230' say USER anonymous
	ftp_mark
	want a '^200' active 42000
	want b '^200' active 42000
	phone=$(row "$(gates client $net_phone_in6)" .pool_port)
	host=$(row "$(gates client $net_host6)" .pool_port)
	expect_equal "first" "$phone" 42000
	[ "$host" != 42000 ] || fail "two clients with one port"
	want b '^150' fetch pub/file
	want a '^150' fetch pub/file
	want a "^20000 $(sum_of pub/file) 226" rest
	want b "^20000 $(sum_of pub/file) 226" rest
	ftp_look
	ftp_moved ftp-gates-used -eq 2
	ftp_moved ftp-remapped -eq 1
}

sum_of() {
	sha256sum <"$ftp_root/$1" | cut -d ' ' -f 1
}

# repeated NS: passive and active in turn
repeated() {
	ftp_mark
	expect_equal "transfers" "$(ftp_client "$1" /usr/bin/python3 \
		"$ftp_helper" repeat "$(ftp_url "$1" "$2")" 20)" \
		"20 $(sum_of pub/file)"
	ftp_look
	ftp_moved ftp-connections -eq 1
	ftp_moved ftp-gates-used -eq 20
	expect "gates" wait_for 20 no_gates
}

test_FT_19_twenty_transfers_phone() {
	repeated phone $plain
}

test_FT_19_twenty_transfers_host6() {
	repeated host6 $pure
}

fetch_curl() {
	local ns=$1 port=$2 tag=fetched
	shift 2

	rm -f "$ftp_work/$tag"
	expect "curl" ftp_client "$ns" curl -sS "$@" -o $tag \
		"$(ftp_url "$ns" "$port")/pub/file"
	expect "file" cmp "$ftp_root/pub/file" "$ftp_work/$tag"
}

# curl tries AUTH SSL and AUTH TLS, then goes on in plain text.
auth_refused() {
	ftp_mark
	fetch_curl "$1" "$2" --ssl --ftp-port -
	fetch_curl "$1" "$2" --ssl
	ftp_look
	ftp_moved ftp-gates-used -eq 2
	ftp_moved ftp-transparent -eq 0
}

test_FT_07_auth_refused_phone() {
	auth_refused phone $plain
}

test_FT_07_auth_refused_host6() {
	auth_refused host6 $pure
}

# Nobody can read the port: the client connects to it as to any other.
auth_accepted() {
	ftp_mark
	fetch_curl "$1" $tls -k --ssl-reqd
	ftp_look
	ftp_moved ftp-transparent -eq 1
	ftp_moved ftp-rewrites -eq 0
}

test_FT_07_auth_accepted_phone() {
	auth_accepted phone
}

test_FT_07_auth_accepted_host6() {
	auth_accepted host6
}

# The PORT was longer or shorter on its way, and all that is encrypted follows.
auth_after_port() {
	ftp_mark
	rm -f "$ftp_work/secure"
	expect "transfer" ftp_client "$1" /usr/bin/python3 "$ftp_helper" \
		secure "$(ftp_url "$1" $tls)" secure
	expect "file" cmp "$ftp_root/pub/file" "$ftp_work/secure"
	ftp_look
	ftp_moved ftp-rewrites -eq 1
	ftp_moved ftp-transparent -eq 1
}

test_FT_08_auth_after_port_phone() {
	auth_after_port phone
}

test_FT_08_auth_after_port_host6() {
	auth_after_port host6
}

# EPSV and EPRT, where the client is told not to use them or the server has
# never heard of them. curl does not go back to PORT or PASV over IPv6.
test_FT_20_pasv_only_phone() {
	ftp_mark
	fetch_curl phone $plain --disable-epsv
	ftp_look
	ftp_moved ftp-rewrites -eq 0
	ftp_moved ftp-gates-used -eq 1
}

test_S_54_port_only_phone() {
	ftp_mark
	fetch_curl phone $plain --disable-eprt --ftp-port -
	ftp_look
	ftp_moved ftp-rewrites -eq 1
	ftp_moved ftp-gates-used -eq 1
}

odd_server() {
	ftp_mark
	fetch_curl "$1" $odd
	fetch_curl "$1" $odd --ftp-port -
	ftp_look
	ftp_moved ftp-gates-used -eq 2
}

# EPRT |1| is refused, then curl says PORT.
test_FT_10_server_without_phone() {
	odd_server phone
}

test_FT_10_server_without_host6() {
	odd_server host6
}

test_FT_11_foreign_pasv_address() {
	ftp_mark
	fetch_curl phone $odd --disable-epsv --ftp-skip-pasv-ip
	ftp_look
	ftp_moved ftp-gates-used -eq 1
	ftp_moved ftp-rewrites -eq 0
}

# RFC 959: IP and Synch before ABOR, as urgent data in the middle of it.
aborted() {
	console_open a "$1" $plain
	want a '^230' say USER anonymous
	want a '^2' "$2" 0
	want a '^150' fetch pub/big
	want a '^1000' take 1000
	want a '^1 ' send '\xff'
	want a '^3 ' urgent '\xf4\xff\xf2'
	want a '^6 ' send 'ABOR\r\n'
	want a '^closed' drop
	want a '^[24]2[56]' reply
	want a '^2' reply
	want a '^2' "$2" 0
	want a '^150' fetch pub/file
	want a "^20000 $(sum_of pub/file) 226" rest
	want a '^221' say QUIT
}

test_FT_06_abort_phone() {
	aborted phone active
}

test_FT_06_abort_host6() {
	aborted host6 passive
}

# lftp closes the data connection and sends the same.
test_FT_06_abort_lftp() {
	ftp_mark
	ftp_client phone lftp -c "set net:connection-limit 1
		set net:timeout 30
		set ftp:ssl-allow no
		set ftp:passive-mode no
		open $(ftp_url phone $plain)
		cat pub/big | head -c 1000
		get pub/file -o aborted" >"$net_run/lftp.out"
	expect_equal "octets" "$(wc -c <"$net_run/lftp.out")" 1000
	expect "file" cmp "$ftp_root/pub/file" "$ftp_work/aborted"
	ftp_look
	ftp_moved ftp-connections -eq 1
	ftp_moved ftp-gates-used -eq 2
	ftp_moved ftp-transparent -eq 0
}

# Its control connection says nothing for longer than it may, and the data
# flows slowly all that time.
test_FT_23_long_transfer() {
	local control

	console_open a phone $plain
	want a '^230' say USER anonymous
	want a '^200' active 0
	control=$(owner $net_phone_in6)
	expect "option" plat option set allow-nonconforming on
	expect "timeout" plat timeout set tcp-est 8s
	want a '^150' fetch pub/big
	ftp_mark
	slow_reading "$control"
	ftp_look
	ftp_moved probes -eq 0
	want a '^closed' drop
	want a '^426' reply
	want a '^221' say QUIT
}

# Much longer than the timeout; the pause is what is tested.
slow_reading() {
	local end=$((SECONDS + 24))

	while [ $SECONDS -lt $end ]; do
		want a '^20000 ' take 20000
		expect_equal "state" "$(plat -j session show client \
			$net_phone_in6 client-port "$1" |
			jq -r '.[0].state')" established
	done
}

certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
		-nodes -days 30 -subj /CN=nat64 -keyout "$net_run/key" \
		-out "$net_run/cert" && cat "$net_run/key" "$net_run/cert" \
		>"$net_run/tls"
}

big=20000000

servers() {
	ftp_tree && head -c $big /dev/zero >"$ftp_root/pub/big" &&
		certificate || return
	ftp_server vsftpd $plain &&
	ftp_server pure-ftpd $pure &&
	ftp_server vsftpd $tls ssl_enable=YES allow_anon_ssl=YES \
		require_ssl_reuse=NO rsa_cert_file="$net_run/tls" &&
	ftp_server vsftpd $odd cmds_denied=EPSV,EPRT pasv_address=10.1.2.3 &&
	plat pool del $net_pool &&
	plat pool add $pool_addr &&
	plat alg enable ftp port $plain port $pure port $tls port $odd
}

bed_with servers
ktap_run S-55.gate-phone FT-15.gate-host6 S-53.gate-phone FT-10.gate-host6 \
	G-08.control-closed SEC-13.equal-ports \
	FT-19.twenty-transfers-phone FT-19.twenty-transfers-host6 \
	FT-07.auth-refused-phone FT-07.auth-refused-host6 \
	FT-07.auth-accepted-phone FT-07.auth-accepted-host6 \
	FT-08.auth-after-port-phone FT-08.auth-after-port-host6 \
	FT-20.pasv-only-phone S-54.port-only-phone \
	FT-10.server-without-phone FT-10.server-without-host6 \
	FT-11.foreign-pasv-address FT-06.abort-phone FT-06.abort-host6 \
	FT-06.abort-lftp FT-23.long-transfer
