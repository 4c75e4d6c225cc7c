#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# curl and wget fetch a file of 100 MB; what arrives is what was sent.

here=$(dirname "$0")
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/plat.sh"

size_mb=${SIZE_MB:-100}

hash_of() {
	sha256sum <"$1" | cut -d ' ' -f 1
}

# fetch NS PROGRAM...: the URL is appended, the file comes on stdout
fetch() {
	local ns=$1 url got client
	shift

	url="http://$(in_url "$(server_of "$ns")")/file"
	got=$(in_ns "$ns" timeout 300 "$@" "$url" | sha256sum |
		cut -d ' ' -f 1)
	expect_equal "sha256 of $url" "$got" "$(hash_of "$net_run/www/file")"
	client=$(client_of "$ns")
	[ "$(session_rows proto tcp client "$client" server $net_srv4 \
		server-port 80)" -gt 0 ] || fail "no session of $client"
	tail -n 3 "$net_run/httpd-srv4.log" | grep -Eq "$net_pool_re" ||
		fail "the server saw another client"
}

# Each segment or super-packet counts once, 64 KB at most.
min_packets=$((size_mb * 16))

test_curl_phone() {
	expect_moved translated-4to6 $min_packets fetch phone curl -sS
}

test_curl_host6() {
	expect_moved translated-4to6 $min_packets fetch host6 curl -sS
}

test_wget_phone() {
	expect_moved translated-4to6 $min_packets fetch phone wget -q -O -
}

test_wget_host6() {
	expect_moved translated-4to6 $min_packets fetch host6 wget -q -O -
}

# A download that is broken off and continued.
test_curl_ranges_host6() {
	local url got

	url="http://$(in_url $net_srv4_in6)/file"
	got=$({ in_ns host6 curl -sS -r 0-999999 "$url" &&
		in_ns host6 curl -sS -r 1000000- "$url"; } | sha256sum |
		cut -d ' ' -f 1)
	expect_equal "sha256" "$got" "$(hash_of "$net_run/www/file")"
}

# curl on the PLAT itself, to IPv4 without and to IPv6 with translation.
test_curl_plat() {
	local url

	expect_equal "IPv4" "$(in_ns plat curl -sS http://$net_srv4/hello)" \
		"hello from the server"
	url="http://$(in_url $net_srv4_in6)/hello"
	expect_moved translated-6to4 3 in_ns plat curl -sS "$url"
}

bed_begin "$size_mb"
ktap_run curl-phone curl-host6 wget-phone wget-host6 curl-ranges-host6 \
	curl-plat
