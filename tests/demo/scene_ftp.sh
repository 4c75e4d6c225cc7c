# shellcheck shell=bash disable=SC2154  # variables of net.sh and ftp.sh
# SPDX-License-Identifier: GPL-2.0
#
# FTP, passive and port mode, behind the CLAT and native: what the client says,
# what the server sees, the gate as it appears and as it is used.

ftp_log=$net_run/ftp-log

# ftp_tell NS PATTERN WORDS: to the client's console; the reply must match
ftp_tell() {
	local ns=$1 pattern=$2 line
	shift 2

	line=$(ask ftp "$@") || line="no answer"
	printf '%s ftp> %s\n  %s\n' "$ns" "$*" "$line"
	[[ $line =~ $pattern ]] || bad "wanted $pattern"
}

# ftp_seen_by_server command|response PATTERN: the newest such line of its log
ftp_seen_by_server() {
	local line

	line=$(grep "FTP $1: " "$ftp_log" | grep -E "\"($2)" | tail -n 1)
	line=${line%\"}
	printf '%s' "${line##*\"}"
}

# ftp_message NS SERVER-WANTS WORDS: the message that matters, on both sides
ftp_message() {
	local ns=$1 pattern=$2 reply seen
	shift 2

	reply=$(ask ftp "$@")
	seen=$(ftp_seen_by_server command "PASV|EPSV|PORT|EPRT")
	cat <<-END

		  the client sent:   $(ask ftp spoken)
		  the server saw:    $seen
		  the server said:   $(ftp_seen_by_server response "227|229|200")
		  the client got:    $reply
	END
	[[ $reply =~ ^2 ]] || bad "the server does not want it"
	[[ $seen =~ $pattern ]] || bad "the server saw no $pattern"
}

# ftp_transfer NS MODE SERVER-WANTS [PORT]
ftp_transfer() {
	local ns=$1 mode=$2 pattern=$3 port=${4:-} client sum name
	client=$(client_of "$ns")
	sum=$(sha256sum <"$ftp_root/pub/file" | cut -d ' ' -f 1)

	printf '\n--- %s mode, from %s\n\n' "$mode" "$ns"
	ftp_mark
	console_open ftp "$ns" 21
	ftp_tell "$ns" '^230' say USER anonymous
	ftp_message "$ns" "$pattern" "$mode" ${port:+"$port"}
	want "$client.* ftp" plat nat64ctl gate show client "$client"
	ftp_tell "$ns" '^150' fetch pub/file
	want "owner $client" plat nat64ctl -d session show client "$client" \
		server "$net_srv4"
	ftp_tell "$ns" "^20000 $sum 226" rest
	ftp_tell "$ns" '^221' say QUIT
	ftp_look
	printf '\nplat# nat64ctl stats show     (what has moved)\n'
	for name in ftp-connections ftp-gates-opened ftp-gates-used \
		ftp-rewrites; do
		printf '  %-20s %d\n' $name \
			"$((${ftp_seen[$name]} - ${ftp_marked[$name]}))"
	done
	[ $((ftp_seen[ftp-gates-used] - ftp_marked[ftp-gates-used])) = 1 ] ||
		bad "the gate was not used once"
}

scene_ftp() {
	title "FTP: the ALG opens gates for data connections"
	if ! ftp_tree || ! ftp_server vsftpd 21 xferlog_enable=YES \
		log_ftp_protocol=YES vsftpd_log_file="$ftp_log"; then
		bad "no FTP server on srv4"
		return
	fi
	want '' plat nat64ctl alg enable ftp
	want 'ftp' plat nat64ctl alg show
	ftp_transfer phone passive '^PASV'
	ftp_transfer phone active '^PORT 198,51,100,' 41000
	ftp_transfer host6 passive '^PASV'
	ftp_transfer host6 active '^PORT 198,51,100,' 41100
}
