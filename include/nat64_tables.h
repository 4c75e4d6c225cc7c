/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The names of everything that can be set or counted. Each list yields the
 * enum, what netlink reports (name, value, default, explanation), and so the
 * tool's output and manual: nothing is named twice.
 */
#ifndef _NAT64_TABLES_H
#define _NAT64_TABLES_H

/* X(id, name, default port of the control connection, explanation) */
#define NAT64_ALGS(X)							\
	X(FTP, "ftp", 21, "file transfer (RFC 959, 2428, 6384)")	\
	X(RTSP, "rtsp", 554, "media streams over UDP (RFC 2326, 7826)")	\
	X(PPTP, "pptp", 1723, "tunnels in GRE (RFC 2637)")

/* X(id, name, default in ms, floor in ms, explanation) */
#define NAT64_TIMEOUTS(X)						\
	X(TCP_EST, "tcp-est", 7200000, 7200000,				\
	  "established TCP session without traffic (RFC 6146 TCP_EST)")	\
	X(TCP_OPEN, "tcp-trans-open", 240000, 240000,			\
	  "TCP session that is being opened (RFC 7857 2.1)")		\
	X(TCP_CLOSE, "tcp-trans-close", 240000, 240000,			\
	  "TCP session closed or reset (RFC 6146 TCP_TRANS)")		\
	X(TCP_SYN, "tcp-incoming-syn", 6000, 6000,			\
	  "stored inbound SYN until it is answered by an error")	\
	X(UDP, "udp", 300000, 120000,					\
	  "UDP session without traffic (RFC 6146 UDP_DEFAULT)")		\
	X(UDP_DNS, "udp-dns", 300000, 1000,				\
	  "UDP session to port 53 or 123 (RFC 4787 REQ-5a)")		\
	X(ICMP, "icmp", 60000, 60000,					\
	  "ICMP query session without traffic (RFC 6146 ICMP_DEFAULT)")	\
	X(OTHER, "other", 300000, 120000,				\
	  "session of any other protocol without traffic")		\
	X(PORT_HOLD, "port-hold", 120000, 120000,			\
	  "UDP or ICMP port kept unused after release (RFC 6888 REQ-8)")\
	X(PERSISTENT, "persistent", 300000, 1000,			\
	  "binding kept after its last session (option persistent)")	\
	X(GATE_FTP, "gate-ftp", 60000, 30000,				\
	  "gate of the FTP ALG until its first packet (RFC 6384 12)")	\
	X(GATE_RTSP, "gate-rtsp", 60000, 30000,				\
	  "gate of the RTSP ALG until its first packet")		\
	X(GATE_PPTP, "gate-pptp", 60000, 30000,				\
	  "gate of the PPTP ALG until its first packet")

/* X(id, name, default, explanation); 0 is "no limit" where it says so */
#define NAT64_LIMITS(X)							\
	X(SESSIONS, "sessions", 4194304, "sessions in this namespace")	\
	X(BINDINGS, "bindings", 4194304, "bindings in this namespace")	\
	X(SUBSCRIBERS, "subscribers", 1048576,				\
	  "IPv6 subscribers with state in this namespace")		\
	X(SUB_SESSIONS, "subscriber-sessions", 65536,			\
	  "sessions of one subscriber (RFC 6888 REQ-5), 0 = no limit")	\
	X(SUB_PORTS, "subscriber-ports", 16384,				\
	  "bindings of one subscriber and protocol (RFC 6888 REQ-4), 0 = no limit") \
	X(SUB_RATE, "subscriber-rate", 0,				\
	  "new sessions of one subscriber per second, 0 = no limit")	\
	X(BINDING_SESSIONS, "binding-sessions", 0,			\
	  "sessions of one binding, 0 = no limit")			\
	X(STORED_SYNS, "stored-syns", 1024,				\
	  "inbound SYN packets stored (RFC 6146 5.3)")			\
	X(HELD_PORTS, "held-ports", 65536,				\
	  "released ports held back from reuse")			\
	X(ALG_SESSIONS, "alg-sessions", 16384,				\
	  "control connections that ALGs watch")			\
	X(GATES, "gates", 65536, "gates in this namespace")		\
	X(SUB_GATES, "subscriber-gates", 256, "gates of one subscriber")

/*
 * X(id, name, choices, default, explanation)
 * choices: "a|b|c" gives the index of the text, "min-max" a number.
 */
#define NAT64_OPTIONS(X)						\
	X(FILTER_TCP, "filtering-tcp",					\
	  "endpoint-independent|address-dependent",			\
	  "endpoint-independent", "who may send to a TCP binding")	\
	X(FILTER_UDP, "filtering-udp",					\
	  "endpoint-independent|address-dependent",			\
	  "endpoint-independent", "who may send to a UDP binding")	\
	X(FILTER_ICMP, "filtering-icmp",				\
	  "endpoint-independent|address-dependent",			\
	  "endpoint-independent", "who may send to an ICMP binding")	\
	X(INCOMING_SYN, "incoming-syn", "store|drop", "store",		\
	  "inbound SYN without permission: store it for 6 s (RFC 6146 3.5.2.2) or drop it") \
	X(ICMP_INFO, "icmp-info", "on|off", "on",			\
	  "translate ICMP echo")					\
	X(WKP_PRIVATE, "wkp-private", "off|on", "off",			\
	  "translate non-global IPv4 addresses under 64:ff9b::/96 (against RFC 6052 3.1)") \
	X(TOS_64, "tos-6to4", "copy|0-255", "copy",			\
	  "IPv4 TOS: copy of the traffic class or a fixed value")	\
	X(TOS_46, "tos-4to6", "copy|0-255", "copy",			\
	  "IPv6 traffic class: copy of the TOS or a fixed value")	\
	X(EARLY, "early-translation", "on|off", "on",			\
	  "translate known flows, and first datagrams, at the ingress of their device, where no hook would have seen them before") \
	X(LOWEST_MTU, "lowest-ipv6-mtu", "1280-65535", "1280",		\
	  "size to which IPv4 packets without DF are fragmented (RFC 7915 4.1)") \
	X(UDP_ZERO_46, "udp-zero-checksum-4to6", "calculate|drop|zero",	\
	  "calculate", "IPv4 UDP packet without a checksum")		\
	X(UDP_ZERO_64, "udp-zero-checksum-6to4", "drop|zero", "drop",	\
	  "IPv6 UDP packet without a checksum")				\
	X(ICMP_ERRORS, "icmp-errors", "on|off", "on",			\
	  "answer packets that are refused by policy with an ICMP error") \
	X(ICMP_ERROR_RATE, "icmp-error-rate", "0-1000000", "1000",	\
	  "most ICMP errors per second, 0 = as the kernel allows")	\
	X(EXHAUSTION, "exhaustion-error", "address|prohibited|silent",	\
	  "address", "ICMPv6 error when no port, session or quota is left") \
	X(OTHER_PROTO, "other-proto", "drop|translate", "drop",		\
	  "protocols other than TCP, UDP and ICMP: address only")	\
	X(MSS_CLAMP, "mss-clamp", "off|on", "off",			\
	  "lower the MSS of SYN segments to what fits both sides")	\
	X(SUBSCRIBER_LEN, "subscriber-length", "48|56|64|128", "64",	\
	  "prefix length that tells subscribers apart")			\
	X(PAIRING, "pairing", "strict|soft", "strict",			\
	  "a subscriber whose pool address is full: refuse or use another one") \
	X(PARITY, "port-parity", "on|off", "on",			\
	  "keep odd and even UDP ports apart (RFC 4787 REQ-4)")		\
	X(PRESERVE, "port-preserve", "on|off", "on",			\
	  "use the client's port number while it is free")		\
	X(INBOUND_REFRESH, "inbound-refresh", "on|off", "on",		\
	  "packets from the IPv4 side extend a UDP or ICMP session")	\
	X(TCP_RESTART, "tcp-restart", "off|on", "off",			\
	  "a SYN on a closed TCP session starts it anew")		\
	X(TCP_WINDOW, "tcp-window", "on|off", "on",			\
	  "RST, FIN and SYN outside the window change no state")	\
	X(PERSISTENT, "persistent", "off|on", "off",			\
	  "keep a binding for a while after its last session")		\
	X(LOG_REMOTE, "log-destinations", "off|on", "off",		\
	  "name the server in session events (RFC 6888 REQ-12)")	\
	X(NONCONFORMING, "allow-nonconforming", "off|on", "off",	\
	  "accept timeouts below the floor of the RFC")			\
	X(ALG_LOW_PORTS, "alg-low-ports", "off|on", "off",		\
	  "ALGs may open gates to client ports below 1024")		\
	X(FTP_EPSV, "ftp-epsv", "on|off", "on",				\
	  "turn EPSV into PASV for the server (RFC 6384 6)")		\
	X(FTP_EPRT4, "ftp-eprt-ipv4", "on|off", "on",			\
	  "translate EPRT with an IPv4 literal, as 464XLAT clients send") \
	X(FTP_DATA_PORT, "ftp-data-port", "any|20", "any",		\
	  "port from which a server may open active data connections")	\
	X(RTSP_MEDIA, "rtsp-media", "server|any", "server",		\
	  "who may send media: only the RTSP server or any IPv4 host")	\
	X(RTSP_LITERALS, "rtsp-literals", "on|off", "on",		\
	  "map IPv4 literals into the prefix for native IPv6 clients")	\
	X(PPTP_CONFLICT, "pptp-conflict", "remap|refuse", "remap",	\
	  "a call id that is taken: remap it or open no gate")

/* X(id, name, explanation) */
#define NAT64_COUNTERS(X)						\
	X(XLAT_64, "translated-6to4", "packets translated to IPv4")	\
	X(XLAT_46, "translated-4to6", "packets translated to IPv6")	\
	X(EARLY, "translated-early",					\
	  "packets translated at the ingress of their device (part of both)") \
	X(HAIRPIN, "hairpinned", "packets from one client to another")	\
	X(ICMP_ERR_64, "icmp-error-6to4",				\
	  "ICMPv6 errors translated (part of translated-6to4)")		\
	X(ICMP_ERR_46, "icmp-error-4to6",				\
	  "ICMPv4 errors translated (part of translated-4to6)")		\
	X(FRAGMENTED_6, "fragmented-ipv6",				\
	  "packets cut into IPv6 fragments")				\
	X(SEGMENTED, "segmented",					\
	  "super-packets that had to be segmented before translation")	\
	X(SESSION_NEW, "sessions-created", "sessions created")		\
	X(SESSION_END, "sessions-removed", "sessions removed")		\
	X(BINDING_NEW, "bindings-created", "bindings created")		\
	X(BINDING_END, "bindings-removed", "bindings removed")		\
	X(SYN_STORED, "syns-stored", "inbound SYN packets stored")	\
	X(SYN_MATCHED, "syns-matched",					\
	  "stored SYN packets dropped since the client opened the session") \
	X(SYN_EXPIRED, "syns-expired",					\
	  "stored SYN packets answered with port unreachable")		\
	X(PROBES, "probes", "established TCP sessions probed when idle") \
	X(TO_KERNEL, "to-kernel",					\
	  "packets for one of the box's own pool addresses left to it")	\
	X(NO_SESSION_6, "pass-no-config",				\
	  "packets left alone since prefix or pool is missing")		\
	X(PASS_ROUTE, "pass-specific-route",				\
	  "packets for a prefix left alone: a more specific route exists") \
	X(ICMP_SENT, "icmp-errors-sent", "ICMP errors that we sent")	\
	X(ICMP_LIMITED, "icmp-errors-limited",				\
	  "ICMP errors not sent: over icmp-error-rate")			\
	X(ALG_ACKS, "alg-acks-sent",					\
	  "ACKs that we sent for part of a message")			\
	X(ALG_SPLIT, "alg-segments-built",				\
	  "TCP segments built anew around an edit")			\
	X(ALG_REFUSED, "alg-sessions-refused",				\
	  "control connections without ALG: over the limit alg-sessions") \
	X(GATE_NEW, "gates-opened", "gates opened")			\
	X(GATE_END, "gates-closed", "gates closed, used ones included")	\
	NAT64_ALG_COUNTERS(X, FTP, "ftp")				\
	NAT64_ALG_COUNTERS(X, RTSP, "rtsp")				\
	NAT64_ALG_COUNTERS(X, PPTP, "pptp")				\
	NAT64_DROPS(X)

/* What every ALG counts: the same list for each, in the order of NAT64_ALGS. */
#define NAT64_ALG_COUNTERS(X, ALG, name)				\
	X(ALG##_CONNECTIONS, name "-connections", "control connections")	\
	X(ALG##_MESSAGES, name "-messages", "messages understood")	\
	X(ALG##_REWRITES, name "-rewrites", "edits of the payload")	\
	X(ALG##_GATES_OPENED, name "-gates-opened", "gates opened")	\
	X(ALG##_GATES_USED, name "-gates-used", "gates used by a data flow") \
	X(ALG##_GATES_EXPIRED, name "-gates-expired",			\
	  "gates that nobody used in time")				\
	X(ALG##_GATES_REFUSED, name "-gates-refused",			\
	  "gates not opened: limit, port or address not allowed")	\
	X(ALG##_REMAPPED, name "-remapped",				\
	  "ports or call ids changed since the client's was taken")	\
	X(ALG##_TRANSPARENT, name "-transparent",			\
	  "control connections given up and passed as they are")	\
	X(ALG##_ERRORS, name "-errors", "messages not understood")

/*
 * X(id, name, explanation): one for every reason to drop a packet; each dropped
 * packet counts in exactly one.
 */
#define NAT64_DROPS(X)							\
	X(DROP_TRUNCATED, "drop-truncated",				\
	  "packet shorter than its headers say")			\
	X(DROP_MALFORMED, "drop-malformed",				\
	  "impossible version, length or header")			\
	X(DROP_EXTENSIONS, "drop-extension-headers",			\
	  "too many extension headers, or one in a fragment")		\
	X(DROP_SOURCE_ROUTE, "drop-source-route",			\
	  "unfinished source route or routing header")			\
	X(DROP_FRAGMENT, "drop-fragment",				\
	  "fragment that was not reassembled")				\
	X(DROP_SOURCE, "drop-source-address",				\
	  "source address that no host may use")			\
	X(DROP_DESTINATION, "drop-destination-address",			\
	  "multicast or reserved destination address")			\
	X(DROP_LOOP, "drop-prefix-source",				\
	  "IPv6 source inside a translation prefix (RFC 6146 3.5)")	\
	X(DROP_WKP, "drop-wkp-private",					\
	  "non-global IPv4 address under 64:ff9b::/96 (RFC 6052 3.1)")	\
	X(DROP_HOP_LIMIT, "drop-hop-limit", "hop limit or TTL expired")	\
	X(DROP_TOO_BIG, "drop-too-big",					\
	  "packet exceeds the MTU behind the translator")		\
	X(DROP_PROTOCOL, "drop-protocol", "protocol not translated")	\
	X(DROP_ICMP_TYPE, "drop-icmp-type",				\
	  "ICMP message that has no translation (RFC 7915)")		\
	X(DROP_ICMP_POLICY, "drop-icmp-policy", "echo while icmp-info is off") \
	X(DROP_ICMP_ERROR, "drop-icmp-error",				\
	  "ICMP error with a bad checksum or inner packet")		\
	X(DROP_ICMP_UNKNOWN, "drop-icmp-unknown",			\
	  "ICMP error about a packet that has no session")		\
	X(DROP_UDP_ZERO, "drop-udp-zero-checksum",			\
	  "UDP packet without a checksum, by option")			\
	X(DROP_NO_BINDING, "drop-no-binding",				\
	  "packet to a pool port that has no binding")			\
	X(DROP_FILTERED, "drop-filtered",				\
	  "inbound packet refused by address-dependent filtering")	\
	X(DROP_TCP_NO_SESSION, "drop-tcp-no-session",			\
	  "TCP segment other than SYN without session or binding")	\
	X(DROP_SYN_POLICY, "drop-incoming-syn",				\
	  "inbound SYN refused by option incoming-syn")			\
	X(DROP_SYN_LIMIT, "drop-stored-syn-limit",			\
	  "inbound SYN over the limit stored-syns")			\
	X(DROP_POOL_EMPTY, "drop-pool-exhausted",			\
	  "no pool address or port left for the protocol")		\
	X(DROP_NO_PAT, "drop-no-pat-conflict",				\
	  "port already used on the subscriber's no-pat address")	\
	X(DROP_SESSION_LIMIT, "drop-limit-sessions",			\
	  "over the limit sessions or bindings")			\
	X(DROP_SUB_LIMIT, "drop-limit-subscribers",			\
	  "over the limit subscribers")					\
	X(DROP_SUB_SESSIONS, "drop-subscriber-sessions",		\
	  "over the limit subscriber-sessions or binding-sessions")	\
	X(DROP_SUB_PORTS, "drop-subscriber-ports",			\
	  "over the limit subscriber-ports")				\
	X(DROP_SUB_RATE, "drop-subscriber-rate",			\
	  "over the limit subscriber-rate")				\
	X(DROP_CONFLICT, "drop-tuple-conflict",				\
	  "the same client port and server by two prefixes")		\
	X(DROP_ROUTE, "drop-no-route", "no route to the translated destination") \
	X(DROP_MEMORY, "drop-no-memory", "memory could not be had")	\
	X(DROP_HAIRPIN, "drop-hairpin-loop", "client talking to its own binding") \
	X(DROP_ALG_ORDER, "drop-alg-order",				\
	  "TCP segment under an ALG: out of order, or more than it can take (the sender repeats it), or an ACK of what was never sent") \
	X(DROP_ALG_CHECKSUM, "drop-alg-checksum",			\
	  "TCP segment under an ALG with a wrong checksum")		\
	X(DROP_GATE_ONLY, "drop-gate-only",				\
	  "inbound packet to a port that an ALG keeps for others")

#endif /* _NAT64_TABLES_H */
