#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Firewall rules on the PLAT: translated packets pass the forward chain of
# their new family, untracked; a rule that drops them does drop them; and what
# every firewall has, "ct state invalid drop", does no harm.

here=$(dirname "$0")
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/plat.sh"

nft_plat() {
	in_ns plat nft "$@"
}

# counter NAME: packets of a named counter
counter() {
	nft_plat -j list counter inet t "$1" |
		jq '.nftables[] | .counter? // empty | .packets'
}

rules() {
	nft_plat -f - <<-END
		table inet t {
			counter to4 { }
			counter to4_untracked { }
			counter to6 { }
			counter to6_untracked { }
			counter raw_prefix { }
			counter tracked { }
			counter invalid { }
			chain forward {
				type filter hook forward priority filter;
				ip saddr $net_pool ip daddr $net_srv4 \
					counter name to4
				ip saddr $net_pool ct state untracked \
					counter name to4_untracked
				ip6 saddr $net_prefix/96 counter name to6
				ip6 saddr $net_prefix/96 ct state untracked \
					counter name to6_untracked
				ip6 daddr $net_prefix/96 \
					counter name raw_prefix
				ct state { new, established, related } \
					counter name tracked
				ct state invalid counter name invalid drop
			}
		}
	END
}

fetch_hello() {
	[ "$(in_ns "$1" timeout 30 curl -sS -m 20 --connect-timeout 5 \
		"http://$(in_url "$(server_of "$1")")/hello")" = \
		"hello from the server" ]
}

matched() {
	expect "rules" rules
	expect_moved translated-6to4 4 fetch_hello "$1"
	[ "$(counter to4)" -ge 4 ] || fail "to4: $(counter to4)"
	[ "$(counter to6)" -ge 3 ] || fail "to6: $(counter to6)"
	expect_equal "untracked to IPv4" "$(counter to4_untracked)" \
		"$(counter to4)"
	expect_equal "untracked to IPv6" "$(counter to6_untracked)" \
		"$(counter to6)"
	expect_equal "untranslated in the forward chain" \
		"$(counter raw_prefix)" 0
	expect_equal "tracked" "$(counter tracked)" 0
	expect_equal "invalid" "$(counter invalid)" 0
	nft_plat delete table inet t
}

test_match_phone() {
	matched phone
}

test_match_host6() {
	matched host6
}

# dropped RULE: nothing passes, the rule says why, and it passes again after
dropped() {
	nft_plat -f - <<-END || fail "rules"
		table inet t {
			counter hit { }
			chain forward {
				type filter hook forward priority filter;
				$1 counter name hit drop
			}
		}
	END
	fetch_hello host6 && fail "passed in spite of the rule"
	[ "$(counter hit)" -gt 0 ] || fail "the rule has not matched"
	nft_plat delete table inet t
	expect "does not pass without the rule" fetch_hello host6
}

test_drop_to4() {
	dropped "ip daddr $net_srv4 tcp dport 80"
}

test_drop_to6() {
	dropped "ip6 saddr $net_srv4_in6 tcp sport 80"
}

# A rule by interfaces: translated packets have both of them.
test_drop_by_interface() {
	dropped "iifname net6 oifname net4 tcp dport 80"
}

# What the box forwards besides stays tracked: IPv6 between its own links.
test_other_traffic_tracked() {
	expect "rules" rules
	ip -n plat addr add 2001:db8:a::1/64 dev net4
	ip -n net4 addr add 2001:db8:a::2/64 dev plat
	ip -n net4 route add default via 2001:db8:a::1
	ip -n net6 route add 2001:db8:a::/64 via 2001:db8:9::2
	expect "ping" wait_for 20 in_ns host6 ping -c 1 -W 2 2001:db8:a::2
	[ "$(counter tracked)" -gt 0 ] || fail "not tracked"
	nft_plat delete table inet t
}

# Masquerading of the box beside the translator does not touch it.
test_masquerade_beside() {
	nft_plat -f - <<-END || fail "rules"
		table ip n {
			chain post {
				type nat hook postrouting priority srcnat;
				oifname net4 masquerade
			}
		}
	END
	expect_moved translated-4to6 3 fetch_hello host6
	[ "$(session_rows client $net_host6 server-port 80)" -gt 0 ] ||
		fail "no session"
	tail -n 3 "$net_run/httpd-srv4.log" | grep -Eq "$net_pool_re" ||
		fail "the server saw another source"
	nft_plat delete table ip n
}

bed_begin 1
ktap_run match-phone match-host6 drop-to4 drop-to6 drop-by-interface \
	other-traffic-tracked masquerade-beside
