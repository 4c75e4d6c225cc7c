/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Generic netlink interface of nat64, the stateful NAT64 (RFC 6146).
 *
 * Family "nat64", version 1, multicast group "events". Every request acts on
 * the network namespace of the socket. Requests that change anything, those
 * that show bindings, sessions or gates, and joining "events" need
 * CAP_NET_ADMIN in the user namespace that owns it. Addresses are in network
 * byte order, every other integer (ports and identifiers included) in host
 * byte order. A refused request changes nothing; the acknowledgement carries a
 * text and, where one is to blame, the offset of the attribute
 * (NETLINK_EXT_ACK).
 *
 *  NAT64_CMD_APPLY      do: changes the configuration. The operations run in
 *                       order on a copy; the copy takes effect as a whole, or
 *                       not at all.
 *      NAT64_A_OP*                  nested, repeated, in order
 *          NAT64_A_OP_KIND          u8, enum nat64_op
 *          NAT64_A_OBJECT           u8, enum nat64_object; absent only for
 *                                   NAT64_OP_RESET, which then means "all"
 *          (the attributes of the object, below)
 *
 *      object      operations      attributes
 *      PREFIX      ADD DEL FLUSH   ADDR6 PREFIX_LEN
 *      POOL        ADD DEL FLUSH   ADDR4 ADDR4_LAST [PORT_MIN PORT_MAX]
 *                                  [PROTO] [FLAGS: NAT64_F_NO_PAT
 *                                  NAT64_F_FORCE]
 *      BINDING     ADD DEL FLUSH   PROTO ADDR6 PORT6 ADDR4 PORT4
 *      ALG         ADD DEL FLUSH   NAME [PORT4*]
 *      TIMEOUT     SET RESET       NAME [VALUE, milliseconds]
 *      LIMIT       SET RESET       NAME [VALUE]
 *      OPTION      SET RESET       NAME [OPTION_TEXT]
 *
 *      ADDR4 and PORT4 may be left out to delete a binding; FLAGS do not matter
 *      to delete a pool entry. FORCE allows ports that the box itself uses.
 *
 *      ADD of an ALG enables it, on PORT4 or on its usual port, and replaces
 *      the ports that it had. A port belongs to one ALG at most.
 *
 *      RESET without NAME puts a whole object back to its defaults; RESET
 *      without OBJECT empties the configuration. FLUSH of BINDING removes the
 *      static entries, FLUSH of ALG disables all.
 *
 *  NAT64_CMD_STATUS_GET do: one message.
 *      VERSION GENID SESSIONS BINDINGS SUBSCRIBERS GATES STORED_SYNS
 *      HELD_PORTS PREFIXES POOLS POOL_ADDRESSES ACTIVE
 *
 *  NAT64_CMD_PREFIX_GET dump: GENID ADDR6 PREFIX_LEN SESSIONS
 *  NAT64_CMD_POOL_GET   dump: GENID ADDR4 ADDR4_LAST PORT_MIN PORT_MAX PROTO
 *                       FLAGS PORTS_USED PORTS_TOTAL. PROTO is absent where
 *                       the entry serves every protocol.
 *  NAT64_CMD_BINDING_GET dump, filtered:
 *                       GENID PROTO ADDR6 PORT6 ADDR4 PORT4 SESSIONS FLAGS
 *  NAT64_CMD_SESSION_GET dump, filtered:
 *                       PROTO STATE ADDR6 PORT6 REMOTE6 REMOTE_PORT6 ADDR4
 *                       PORT4 REMOTE4 REMOTE_PORT4 EXPIRES_MS FLAGS [ALG]
 *                       [OWNER_PORT6 OWNER_PORT4 OWNER_REMOTE_PORT]
 *  NAT64_CMD_GATE_GET   dump, filtered:
 *                       PROTO FLAGS ADDR6 [PORT6] ADDR4 [PORT4]
 *                       [REMOTE6 REMOTE4] [REMOTE_PORT6 REMOTE_PORT4]
 *                       EXPIRES_MS ALG OWNER_PORT6 OWNER_PORT4
 *                       OWNER_REMOTE_PORT. What is absent may be any; a gate
 *                       to IPv4 has no PORT4 unless it is GRE's.
 *  NAT64_CMD_ALG_GET    dump: GENID NAME FLAGS PORT4* DEFAULT HELP. DEFAULT is
 *                       the usual port.
 *  NAT64_CMD_TIMEOUT_GET dump: GENID NAME VALUE DEFAULT MIN HELP
 *  NAT64_CMD_LIMIT_GET  dump: GENID NAME VALUE DEFAULT HELP
 *  NAT64_CMD_OPTION_GET dump: GENID NAME OPTION_TEXT DEFAULT_TEXT CHOICES HELP
 *  NAT64_CMD_STATS_GET  dump: NAME VALUE HELP
 *  NAT64_CMD_STATS_RESET do: counters become zero
 *
 *  NAT64_CMD_SESSION_KILL  do, filtered: answers with SESSIONS, the number
 *                       removed. Their bindings go with the last session of
 *                       each, static ones stay.
 *  NAT64_CMD_SESSION_COUNT do, filtered: answers with SESSIONS.
 *  NAT64_CMD_GATE_FLUSH do: answers with GATES, the number removed.
 *
 *      Filters, all that are given must match: PROTO STATE ADDR6 [ADDR6_LEN]
 *      PORT6 ADDR4 [ADDR4_LEN] PORT4 REMOTE4 [REMOTE4_LEN] REMOTE_PORT4 FLAGS
 *      (every flag given is set).
 *
 *  NAT64_CMD_EVENT      multicast to "events":
 *      EVENT TIMESTAMP_MS and the attributes of the binding, session, gate or
 *      pool entry concerned; for quota events QUOTA.
 *
 * Dumps survive concurrent changes: an object that exists throughout is
 * reported at least once. Where the table was reorganised meanwhile the dump
 * carries NLM_F_DUMP_INTR and should be repeated. GENID counts the
 * configurations of the namespace: dumps with the same GENID belong to the same
 * configuration.
 */
#ifndef _UAPI_LINUX_NAT64_H
#define _UAPI_LINUX_NAT64_H

#define NAT64_GENL_NAME		"nat64"
#define NAT64_GENL_VERSION	1
#define NAT64_GENL_EVENTS	"events"

/* Longest name of a timeout, limit, option, counter or ALG, with its NUL. */
#define NAT64_NAME_MAX		32
/* Longest text of an option value, with its NUL. */
#define NAT64_TEXT_MAX		64

enum nat64_cmd {
	NAT64_CMD_UNSPEC,
	NAT64_CMD_APPLY,
	NAT64_CMD_STATUS_GET,
	NAT64_CMD_PREFIX_GET,
	NAT64_CMD_POOL_GET,
	NAT64_CMD_BINDING_GET,
	NAT64_CMD_SESSION_GET,
	NAT64_CMD_GATE_GET,
	NAT64_CMD_ALG_GET,
	NAT64_CMD_TIMEOUT_GET,
	NAT64_CMD_LIMIT_GET,
	NAT64_CMD_OPTION_GET,
	NAT64_CMD_STATS_GET,
	NAT64_CMD_STATS_RESET,
	NAT64_CMD_SESSION_KILL,
	NAT64_CMD_SESSION_COUNT,
	NAT64_CMD_GATE_FLUSH,
	NAT64_CMD_EVENT,
	__NAT64_CMD_MAX,
	NAT64_CMD_MAX = __NAT64_CMD_MAX - 1
};

enum nat64_attr {
	NAT64_A_UNSPEC,
	NAT64_A_PAD,
	NAT64_A_OP,		/* nested */
	NAT64_A_OP_KIND,	/* u8, enum nat64_op */
	NAT64_A_OBJECT,		/* u8, enum nat64_object */
	NAT64_A_NAME,		/* string */
	NAT64_A_VALUE,		/* u64 */
	NAT64_A_DEFAULT,	/* u64 */
	NAT64_A_MIN,		/* u64, the floor of the RFC */
	NAT64_A_OPTION_TEXT,	/* string, an option's value */
	NAT64_A_DEFAULT_TEXT,	/* string */
	NAT64_A_CHOICES,	/* string, "a|b|c" or "0-255" */
	NAT64_A_HELP,		/* string, one line */
	NAT64_A_PROTO,		/* u8, IPPROTO_* (IPPROTO_ICMP for ICMP) */
	NAT64_A_STATE,		/* u8, enum nat64_state */
	NAT64_A_FLAGS,		/* u32, NAT64_F_* */
	NAT64_A_ADDR6,		/* 16 bytes, the client, or the prefix */
	NAT64_A_ADDR6_LEN,	/* u8, bits of ADDR6 to compare */
	NAT64_A_PORT6,		/* u16, port, ICMP identifier or call id */
	NAT64_A_REMOTE6,	/* 16 bytes, the server as the client sees it */
	NAT64_A_REMOTE_PORT6,	/* u16 */
	NAT64_A_ADDR4,		/* 4 bytes, the pool address */
	NAT64_A_ADDR4_LAST,	/* 4 bytes, last address of a range */
	NAT64_A_ADDR4_LEN,	/* u8 */
	NAT64_A_PORT4,		/* u16, port on the pool address */
	NAT64_A_REMOTE4,	/* 4 bytes, the server */
	NAT64_A_REMOTE4_LEN,	/* u8 */
	NAT64_A_REMOTE_PORT4,	/* u16 */
	NAT64_A_PREFIX_LEN,	/* u8, 32, 40, 48, 56, 64 or 96 */
	NAT64_A_PORT_MIN,	/* u16 */
	NAT64_A_PORT_MAX,	/* u16 */
	NAT64_A_PORTS_USED,	/* u64 */
	NAT64_A_PORTS_TOTAL,	/* u64 */
	NAT64_A_EXPIRES_MS,	/* u64, milliseconds from now; absent: never */
	NAT64_A_ALG,		/* string */
	NAT64_A_GENID,		/* u32 */
	NAT64_A_VERSION,	/* string, of the module */
	NAT64_A_SESSIONS,	/* u32 */
	NAT64_A_BINDINGS,	/* u32 */
	NAT64_A_SUBSCRIBERS,	/* u32 */
	NAT64_A_GATES,		/* u32 */
	NAT64_A_STORED_SYNS,	/* u32 */
	NAT64_A_HELD_PORTS,	/* u32 */
	NAT64_A_PREFIXES,	/* u32 */
	NAT64_A_POOLS,		/* u32, entries */
	NAT64_A_POOL_ADDRESSES,	/* u32 */
	NAT64_A_ACTIVE,		/* u8, 1 while packets are translated */
	NAT64_A_EVENT,		/* u8, enum nat64_event */
	NAT64_A_QUOTA,		/* u8, enum nat64_quota */
	NAT64_A_TIMESTAMP_MS,	/* u64, UTC */
	NAT64_A_OWNER_PORT6,	/* u16, control connection: port of the client, */
	NAT64_A_OWNER_PORT4,	/* u16, on the pool address, */
	NAT64_A_OWNER_REMOTE_PORT, /* u16, of the server */
	__NAT64_A_MAX,
	NAT64_A_MAX = __NAT64_A_MAX - 1
};

enum nat64_op {
	NAT64_OP_ADD = 1,
	NAT64_OP_DEL,
	NAT64_OP_SET,
	NAT64_OP_FLUSH,
	NAT64_OP_RESET,
};

enum nat64_object {
	NAT64_OBJECT_PREFIX = 1,
	NAT64_OBJECT_POOL,
	NAT64_OBJECT_BINDING,
	NAT64_OBJECT_ALG,
	NAT64_OBJECT_TIMEOUT,
	NAT64_OBJECT_LIMIT,
	NAT64_OBJECT_OPTION,
};

/* Session states: RFC 6146 section 3.5.2.2; ACTIVE for everything but TCP. */
enum nat64_state {
	NAT64_STATE_CLOSED,
	NAT64_STATE_V4_INIT,
	NAT64_STATE_V6_INIT,
	NAT64_STATE_ESTABLISHED,
	NAT64_STATE_V4_FIN,
	NAT64_STATE_V6_FIN,
	NAT64_STATE_V4V6_FIN,
	NAT64_STATE_TRANS,
	NAT64_STATE_ACTIVE,
};

#define NAT64_F_STATIC		(1U << 0)	/* binding: by configuration */
#define NAT64_F_NO_PAT		(1U << 1)	/* pool: address per subscriber */
#define NAT64_F_INBOUND		(1U << 2)	/* session: opened from IPv4 */
#define NAT64_F_ENABLED		(1U << 3)	/* ALG */
#define NAT64_F_HAIRPIN		(1U << 4)	/* session: both ends inside */
#define NAT64_F_FORCE		(1U << 5)	/* pool: though the box uses it */
#define NAT64_F_TO_IPV4		(1U << 6)	/* gate: the client sends first */
#define NAT64_F_RESERVED	(1U << 7)	/* gate: nobody may come yet */

/* Below 128 the numbers of RFC 8158 section 4.3 (natEvent). */
enum nat64_event {
	NAT64_EVENT_ADDRESSES_EXHAUSTED = 3,
	NAT64_EVENT_SESSION_CREATE = 6,
	NAT64_EVENT_SESSION_DELETE = 7,
	NAT64_EVENT_BINDING_CREATE = 10,
	NAT64_EVENT_BINDING_DELETE = 11,
	NAT64_EVENT_PORTS_EXHAUSTED = 12,
	NAT64_EVENT_QUOTA_EXCEEDED = 13,
	NAT64_EVENT_ADDRESS_BIND = 14,
	NAT64_EVENT_ADDRESS_UNBIND = 15,
	/* Our own, beyond those that IANA has given. */
	NAT64_EVENT_GATE_OPEN = 128,
	NAT64_EVENT_GATE_USE = 129,
	NAT64_EVENT_GATE_EXPIRE = 130,
	NAT64_EVENT_GATE_CLOSE = 131,
	NAT64_EVENT_ALG_TRANSPARENT = 132,
};

/* RFC 8158 section 4.4 (natQuotaExceededEvent). */
enum nat64_quota {
	NAT64_QUOTA_SESSIONS = 1,
	NAT64_QUOTA_BINDINGS = 2,
	NAT64_QUOTA_PER_SUBSCRIBER = 3,
	NAT64_QUOTA_SUBSCRIBERS = 4,
};

#endif /* _UAPI_LINUX_NAT64_H */
