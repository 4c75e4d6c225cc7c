#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every FTP server with every client, passive and active, behind the CLAT and
# native: a file up and a file down. wget cannot upload.
#
# What the ALG has to do depends on what the client says:
#
#              phone, passive  phone, active   host6, passive  host6, active
#   curl       EPSV            EPRT |1|        EPSV            EPRT |2|
#   tnftp      EPSV            EPRT |1|        EPSV            EPRT |2|
#   wget       PASV            PORT            EPSV 2          EPRT |2|
#   lftp       PASV            PORT            EPSV            EPRT |2|
#   ftplib     PASV            PORT            EPSV            EPRT |2|

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/plat.sh"
. "$here/../lib/ftp.sh"

declare -A port_of=([vsftpd]=21 [proftpd]=2121 [pure-ftpd]=2122)
clients="curl wget lftp tnftp ftplib"

# rewrites CLIENT NS MODE: how many one transfer takes
rewrites() {
	case $2-$3-$1 in
	phone-passive-wget | phone-passive-lftp | phone-passive-ftplib)
		echo 0 # S-51: 227 as it is
		;;
	*-passive-*) echo 2 ;; # EPSV to PASV, 227 to 229
	*) echo 1 ;;
	esac
}

transfers() {
	[ "$1" = wget ] && echo 1 || echo 2
}

# combination SERVER CLIENT NS MODE
combination() {
	local server=$1 client=$2 ns=$3 mode=$4 tag=$1-$2-$3-$4 n

	ftp_mark
	expect "transfer" ftp_exchange "$client" "$ns" "$mode" \
		"${port_of[$server]}" "$tag"
	expect "files" ftp_same "$client" "$tag"
	ftp_look
	n=$(transfers "$client")
	ftp_moved ftp-gates-used -ge "$n"
	ftp_moved ftp-rewrites -eq \
		$(($(rewrites "$client" "$ns" "$mode") * n))
	ftp_moved ftp-transparent -eq 0
	ftp_moved ftp-errors -eq 0
	ftp_moved ftp-gates-expired -eq 0
}

# Without the ALG the server is told an address that it cannot reach.
refused() {
	ftp_mark
	ftp_patience=20 ftp_exchange "$1" "$2" active 21 refused &&
		fail "active transfer without the ALG"
	ftp_same "$1" refused && fail "the files are there nevertheless"
	ftp_look
	ftp_moved ftp-connections -eq 0
	ftp_moved translated-4to6 -ge 5
}

test_S_58_active_without_alg_phone() {
	refused ftplib phone
}

test_S_58_active_without_alg_host6() {
	refused ftplib host6
}

test_FT_01_enable() {
	expect "enable" plat alg enable ftp port 21 port 2121 port 2122
	expect_equal "ports" "$(plat -j alg show |
		jq -c '.[] | select(.name == "ftp").ports')" "[21,2121,2122]"
}

# The last data connections may end a moment later.
no_gates() {
	[ "$(plat -j gate show | jq length)" = 0 ]
}

test_G_08_no_gates_left() {
	expect "gates" wait_for 20 no_gates
	expect_equal "opened and closed" "$(stat_value gates-opened)" \
		"$(stat_value gates-closed)"
}

row_of() {
	case $1-$2 in
	phone-passive) echo S-52 ;;
	phone-active) echo S-54 ;;
	host6-passive) echo FT-10 ;;
	host6-active) echo FT-15 ;;
	esac
}

names=(S-58.active-without-alg-phone S-58.active-without-alg-host6
	FT-01.enable)
for server in vsftpd proftpd pure-ftpd; do
	for client in $clients; do
		for ns in phone host6; do
			for mode in passive active; do
				name=$(row_of $ns $mode).$server-$client-$ns-$mode
				names+=("$name")
				eval "test_${name//[-.]/_}() {
					combination $server $client $ns $mode
				}"
			done
		done
	done
done
names+=(G-08.no-gates-left)

servers() {
	local server

	ftp_tree || return
	for server in "${!port_of[@]}"; do
		ftp_server "$server" "${port_of[$server]}" || return
	done
}

bed_with servers
ktap_run "${names[@]}"
