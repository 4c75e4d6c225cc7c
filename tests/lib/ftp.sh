# shellcheck shell=bash disable=SC2154  # the net_ variables are of net.sh
# SPDX-License-Identifier: GPL-2.0
#
# shellcheck disable=SC2034  # variables for those who source this
#
# FTP servers on srv4 and clients in the other namespaces; to be sourced after
# net.sh and plat.sh.
#
#   ftp_tree                    what the servers serve: pub/file, and in/ for
#                               uploads
#   ftp_server NAME PORT [ARG...]       vsftpd, proftpd, pure-ftpd; see each
#   ftp_exchange CLIENT NS MODE PORT TAG    curl, lftp, wget, tnftp, ftplib;
#                               passive or active: upload a file to in/TAG and
#                               fetch pub/file, in one control session where
#                               the client can
#   ftp_same CLIENT TAG         what has arrived is what was sent

ftp_root=$net_run/ftp
ftp_work=$net_run/ftp-client
ftp_helper=$(cd "$(dirname "${BASH_SOURCE[0]}")/../peers" && pwd)/ftp.py

# Clients that cannot upload.
ftp_download_only="wget"

# The user as whom the servers serve anybody, and whose home pure-ftpd serves;
# the guest forgets it.
ftp_user() {
	local users

	users=$(grep -v '^ftp:' /etc/passwd)
	printf '%s\n' "$users" "ftp:x:65533:65534::$ftp_root:/bin/false" \
		>/etc/passwd
}

ftp_tree() {
	ftp_user
	mkdir -p "$ftp_root/pub" "$ftp_root/in" "$ftp_work"
	chown ftp "$ftp_root/in"
	head -c 20000 /dev/urandom >"$ftp_root/pub/file"
	head -c 20000 /dev/urandom >"$ftp_work/file"
}

# ftp_server NAME PORT ARG...: on srv4; lets a caller start several of a kind
ftp_server() {
	local name=$1 port=$2
	shift 2

	"ftp_start_${name//-/_}" "$name-$port" "$port" "$@" &&
		wait_for 30 listening srv4 "$port"
}

# ARG: lines of its configuration
ftp_start_vsftpd() {
	local service=$1 port=$2
	shift 2

	mkdir -p "$net_run/empty"
	{
		cat <<-END
			listen=YES
			listen_port=$port
			background=NO
			anonymous_enable=YES
			local_enable=NO
			no_anon_password=YES
			anon_root=$ftp_root
			ftp_username=ftp
			write_enable=YES
			anon_upload_enable=YES
			port_enable=YES
			pasv_enable=YES
			connect_from_port_20=YES
			seccomp_sandbox=NO
			isolate=NO
			isolate_network=NO
			secure_chroot_dir=$net_run/empty
		END
		[ $# = 0 ] || printf '%s\n' "$@"
	} >"$net_run/$service.conf"
	service_start "$service" srv4 vsftpd "$net_run/$service.conf"
}

# ARG: lines of its configuration
ftp_start_proftpd() {
	local service=$1 port=$2 bin
	shift 2

	bin=$(command -v proftpd) || return
	{
		cat <<-END
			ServerName "nat64"
			ServerType standalone
			DefaultServer on
			UseIPv6 off
			Port $port
			UseReverseDNS off
			WtmpLog off
			SystemLog none
			ScoreboardFile none
			PidFile $net_run/$service.proftpd
			DelayEngine off
			User nobody
			Group nogroup
			<IfModule mod_ctrls.c>
				ControlsEngine off
			</IfModule>
			<Anonymous $ftp_root>
				User ftp
				Group nogroup
				UserAlias anonymous ftp
				RequireValidShell off
				AllowOverwrite on
			</Anonymous>
		END
		[ $# = 0 ] || printf '%s\n' "$@"
	} >"$net_run/$service.conf"
	# its libraries are where it was unpacked to
	service_start "$service" srv4 env \
		"LD_LIBRARY_PATH=${bin%/sbin/*}/lib/x86_64-linux-gnu" \
		proftpd -n -c "$net_run/$service.conf"
}

# ARG: of its command line
ftp_start_pure_ftpd() {
	local service=$1 port=$2
	shift 2

	service_start "$service" srv4 pure-ftpd -4 -H -e -S "$port" "$@"
}

# ftp_client NS COMMAND...: with a limit of time and in the directory of files
ftp_client() {
	local ns=$1
	shift

	(cd "$ftp_work" && in_ns "$ns" timeout "${ftp_patience:-60}" "$@")
}

ftp_curl() {
	local ns=$1 mode=$2 url=$3 tag=$4 how=()

	[ "$mode" = passive ] || how=(--ftp-port -)
	ftp_client "$ns" curl -sS "${how[@]}" -T file "$url/in/$tag" \
		--next -sS "${how[@]}" -o "$tag" "$url/pub/file"
}

ftp_wget() {
	local ns=$1 mode=$2 url=$3 tag=$4 how=()

	[ "$mode" = passive ] || how=(--no-passive-ftp)
	ftp_client "$ns" wget -nv -t 1 -T 30 "${how[@]}" -O "$tag" \
		"$url/pub/file"
}

ftp_lftp() {
	local ns=$1 mode=$2 url=$3 tag=$4 passive=yes

	[ "$mode" = passive ] || passive=no
	ftp_client "$ns" lftp -c "set cmd:fail-exit yes
		set net:max-retries 1
		set net:timeout 30
		set ftp:ssl-allow no
		set ftp:passive-mode $passive
		open $url
		put file -o in/$tag
		get pub/file -o $tag"
}

ftp_tnftp() {
	local ns=$1 mode=$2 url=$3 tag=$4 how=(-p)

	[ "$mode" = passive ] || how=(-A)
	printf '%s\n' "put file in/$tag" "get pub/file $tag" quit |
		ftp_client "$ns" tnftp -a "${how[@]}" "$(server_of "$ns")" \
			"${url##*:}"
}

ftp_ftplib() {
	local ns=$1 mode=$2 url=$3 tag=$4

	ftp_client "$ns" /usr/bin/python3 "$ftp_helper" exchange "$url" \
		"$mode" "$tag"
}

ftp_url() {
	printf 'ftp://%s:%s' "$(in_url "$(server_of "$1")")" "$2"
}

ftp_exchange() {
	local client=$1 ns=$2 mode=$3 port=$4 tag=$5

	rm -f "${ftp_work:?}/$tag" "${ftp_root:?}/in/$tag"
	"ftp_$client" "$ns" "$mode" "$(ftp_url "$ns" "$port")" "$tag"
}

# Some clients say that all is well when nothing is.
ftp_same() {
	local client=$1 tag=$2

	cmp "$ftp_root/pub/file" "$ftp_work/$tag" || return
	[[ " $ftp_download_only " == *" $client "* ]] ||
		cmp "$ftp_work/file" "$ftp_root/in/$tag"
}

# console_open NAME NS PORT: ftp.py console; the greeting is shown
# ask NAME WORDS: a line to it; its answer
declare -A console_in console_out

console_open() {
	local name=$1 ns=$2 port=$3 fd
	local in=$net_run/$1.in out=$net_run/$1.out

	rm -f "$in" "$out"
	mkfifo "$in" "$out"
	ftp_patience=600 ftp_client "$ns" /usr/bin/python3 "$ftp_helper" \
		console "$(ftp_url "$ns" "$port")" <"$in" >"$out" &
	exec {fd}>"$in"
	console_in[$name]=$fd
	exec {fd}<"$out"
	console_out[$name]=$fd
	ask_read "$name"
}

ask_read() {
	local line

	read -r -t 200 -u "${console_out[$1]}" line || fail "$1 is silent"
	printf '%s\n' "$line"
}

ask() {
	local name=$1
	shift

	printf '%s\n' "$*" >&"${console_in[$name]}"
	ask_read "$name"
}

# want NAME PATTERN WORDS: ask, and the answer must match
want() {
	local name=$1 pattern=$2 line
	shift 2

	line=$(ask "$name" "$@") || fail "$line"
	printf '%s: %s\n> %s\n' "$name" "$*" "$line"
	[[ $line =~ $pattern ]] || fail "wanted $pattern"
}

# ftp_mark, something, ftp_look, then ftp_moved COUNTER TEST NUMBER...: what the
# PLAT has counted meanwhile
declare -A ftp_marked ftp_seen

ftp_mark() {
	local name value

	while read -r name value; do
		ftp_marked[$name]=$value
	done < <(plat stats show)
}

ftp_look() {
	local name value

	while read -r name value; do
		ftp_seen[$name]=$value
	done < <(plat stats show)
}

ftp_moved() {
	local moved=$((ftp_seen[$1] - ftp_marked[$1]))

	test $moved "$2" "$3" || fail "$1 moved by $moved, wanted $2 $3"
}
