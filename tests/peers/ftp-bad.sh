#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What is not FTP, or not quite, on the ports of the FTP ALG: it reaches the
# server as it was sent, opens nothing, keeps no memory and disturbs nobody.

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/plat.sh"
. "$here/../lib/ftp.sh"

script=2199
implicit=990
records=$net_run/records

gate_count() {
	plat -j gate show | jq length
}

no_gates() {
	[ "$(gate_count)" = 0 ]
}

# Somebody else, meanwhile.
others_work() {
	ftp_mark
	expect "transfer" ftp_exchange curl host6 active 21 other
	expect "files" ftp_same curl other
	ftp_look
	ftp_moved ftp-gates-used -eq 2
}

# Not a port, not an address, not a command: the server's business.
test_SEC_15_numbers() {
	local args

	ftp_mark
	console_open a phone 21
	want a '^230' say USER anonymous
	for args in 192,168,1,2,0,0 192,168,1,2,0,256 192,168,1,2,65536 \
		192,168,1,2,99999999999,1 192,168,1,256,200,1 \
		192,168,1,2,200 192,168,1,2,-1,5 192,168,1,2,3,255 '' ',,,,,' \
		192,168,1,2,200,1,7 "1.2.3.4:5" ; do
		want a '^5' say PORT "$args"
	done
	for args in '|1|192.168.1.2|0|' '|1|192.168.1.2|65536|' \
		'|1|192.168.1.2|99999999999|' '|1|192.168.1.2|-1|' \
		'|1|192.168.1|40000|' '|3|192.168.1.2|40000|' \
		'|1|192.168.1.2|40000' '1192.168.1.2140000' '||||' ''; do
		want a '^5' say EPRT "$args"
	done
	expect_equal "gates" "$(gate_count)" 0
	ftp_look
	ftp_moved ftp-gates-opened -eq 0
	ftp_moved ftp-rewrites -eq 0
	want a '^200' active 0
	want a '^150' fetch pub/file
	want a '^20000 .* 226' rest
	want a '^221' say QUIT
}

# sent_as_it_is NS: "sent" reaches the server, all of it and nothing else
sent_as_it_is() {
	local ns=$1 last

	ftp_mark
	ftp_client "$ns" /usr/bin/python3 "$ftp_helper" send \
		"$(server_of "$ns")" $script sent | tail -c 300
	last=$(find "$records" -name '*.got' | wc -l)
	expect "arrival" wait_for 30 cmp "$ftp_work/sent" "$records/$last.got"
	ftp_look
	ftp_moved ftp-transparent -eq 1
	ftp_moved ftp-rewrites -eq 0
	ftp_moved ftp-gates-opened -eq 0
}

test_FT_30_megabyte_line() {
	head -c 2000000 /dev/zero | tr '\0' A >"$ftp_work/sent"
	sent_as_it_is phone
	sent_as_it_is host6
}

test_SEC_12_garbage() {
	head -c 300000 /dev/urandom >"$ftp_work/sent"
	sent_as_it_is phone
	sent_as_it_is host6
}

# The text that NAT slipstreaming makes a browser send
test_SEC_12_http_post() {
	{
		printf 'POST / HTTP/1.1\r\nHost: example\r\n'
		printf 'Content-Length: 2000\r\n\r\n'
		head -c 1400 /dev/zero | tr '\0' x
		printf '\r\nPORT 192,168,1,2,200,200\r\nPASV\r\n'
		printf 'EPRT |2|%s|51200|\r\n' $net_host6
	} >"$ftp_work/sent"
	sent_as_it_is phone
	sent_as_it_is host6
}

# The same after a wait for the greeting: the first line betrays it.
test_SEC_12_http_after_greeting() {
	local last

	ftp_mark
	console_open a phone $script
	want a . send 'GET / HTTP/1.1\r\n\r\nPORT 192,168,1,2,200,200\r\n'
	want a '^200' reply
	want a '^200' reply
	want a '^200' reply
	last=$(find "$records" -name '*.got' | wc -l)
	grep -a 'PORT 192,168,1,2,200,200' "$records/$last.got" ||
		fail "the server has got something else"
	ftp_look
	ftp_moved ftp-transparent -eq 1
	ftp_moved ftp-gates-opened -eq 0
}

test_SEC_12_curl_http() {
	ftp_mark
	ftp_client phone curl -sS -m 20 --http0.9 \
		"http://$net_srv4:$script/" >"$net_run/curl.out" 2>&1
	grep -a '^220' "$net_run/curl.out" || fail "no greeting"
	ftp_look
	ftp_moved ftp-transparent -eq 1
}

# TLS from the first octet, and FTP inside
implicit_tls() {
	ftp_mark
	rm -f "$ftp_work/implicit"
	expect "curl" ftp_client "$1" curl -sS -k -o implicit \
		"ftps://$(in_url "$(server_of "$1")"):$implicit/pub/file"
	expect "file" cmp "$ftp_root/pub/file" "$ftp_work/implicit"
	ftp_look
	ftp_moved ftp-connections -eq 1
	ftp_moved ftp-transparent -eq 1
}

test_SEC_12_tls_phone() {
	implicit_tls phone
}

test_SEC_12_tls_host6() {
	implicit_tls host6
}

# Half a command holds up nobody, nor its own other half.
test_FT_04_half_command() {
	ftp_mark
	console_open a phone 21
	want a '^230' say USER anonymous
	want a . send 'PORT 192,168,1,'
	others_work
	expect_equal "gates" "$(gate_count)" 0
	want a . send '2,164,16\r\n'
	want a '^200' reply
	expect_equal "gates" "$(gate_count)" 1
	want a . send 'PORT 192,1'
	want a '^closed' hang
	expect "gates" wait_for 20 no_gates
}

# A thousand of one gate at a time; then more at once than the ALG takes, which is 16.
# It puts off the others, and TCP repeats them, each time after twice as long: of 60
# the last are the fourth lot, 200 took up to four minutes.
test_SEC_14_thousands_of_ports() {
	local slab

	slab=$(slab_kb)
	flood_start 1000 1
	expect_equal "replies" "$(flood_line)" "200 1000"
	[ "$(gate_count)" -le 4 ] || fail "$(gate_count) gates"
	others_work
	flood_end

	flood_start 60 60
	expect_match "replies" "$(flood_line)" '^(200 [0-9]+ )?[25]00 [0-9]+$'
	[ "$(gate_count)" -le 4 ] || fail "$(gate_count) gates"
	others_work
	flood_end

	expect "gates" wait_for 30 no_gates
	expect "memory" wait_for 60 slab_below $((slab + 8192))
}

flood_start() {
	rm -f "$net_run/endless" "$net_run/endless.out"
	mkfifo "$net_run/endless"
	ftp_patience=300 ftp_client phone /usr/bin/python3 "$ftp_helper" \
		flood "$(ftp_url phone 21)" "$@" <"$net_run/endless" \
		>"$net_run/endless.out" &
	flood=$!
	exec {flood_in}>"$net_run/endless"
}

flood_done() {
	[ -s "$net_run/endless.out" ]
}

flood_line() {
	wait_for 150 flood_done || fail "the flood does not end"
	sed -n 1p "$net_run/endless.out"
}

flood_end() {
	echo >&"$flood_in"
	exec {flood_in}>&-
	wait "$flood"
	expect_match "last reply" "$(sed -n 2p "$net_run/endless.out")" '^200'
}

test_G_08_nothing_left() {
	expect "sessions" plat -q session flush
	expect "gates" wait_for 20 no_gates
	expect_equal "opened and closed" "$(stat_value gates-opened)" \
		"$(stat_value gates-closed)"
}

certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
		-nodes -days 30 -subj /CN=nat64 -keyout "$net_run/key" \
		-out "$net_run/cert" && cat "$net_run/key" "$net_run/cert" \
		>"$net_run/tls"
}

servers() {
	ftp_tree && certificate || return
	ftp_server vsftpd 21 &&
	ftp_server vsftpd $implicit ssl_enable=YES allow_anon_ssl=YES \
		implicit_ssl=YES require_ssl_reuse=NO \
		rsa_cert_file="$net_run/tls" &&
	service_start recorder srv4 /usr/bin/python3 "$ftp_helper" record \
		$script "$records" &&
	wait_for 60 listening srv4 $script &&
	plat alg enable ftp port 21 port $implicit port $script
}

bed_with servers
ktap_run SEC-15.numbers FT-30.megabyte-line SEC-12.garbage SEC-12.http-post \
	SEC-12.http-after-greeting SEC-12.curl-http SEC-12.tls-phone \
	SEC-12.tls-host6 FT-04.half-command SEC-14.thousands-of-ports \
	G-08.nothing-left
