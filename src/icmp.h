/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ICMPv6 <-> ICMPv4 (RFC 7915 4.2, 4.3, 5.2, 5.3; RFC 4884).
 *
 * _64 names the direction IPv6 to IPv4, _46 the other one.
 *
 * PURE: any context, no locks, no allocation. Every byte sequence has a
 * defined result; nothing outside of the given buffers is touched.
 */
#ifndef _NAT64_ICMP_H
#define _NAT64_ICMP_H

#include "portable.h"

#define NAT64_ICMP4_ECHO_REPLY 0
#define NAT64_ICMP4_UNREACH 3
#define NAT64_ICMP4_ECHO 8
#define NAT64_ICMP4_TIME_EXCEEDED 11
#define NAT64_ICMP4_PARAM_PROBLEM 12

#define NAT64_ICMP6_UNREACH 1
#define NAT64_ICMP6_TOO_BIG 2
#define NAT64_ICMP6_TIME_EXCEEDED 3
#define NAT64_ICMP6_PARAM_PROBLEM 4
#define NAT64_ICMP6_ECHO 128
#define NAT64_ICMP6_ECHO_REPLY 129

/* Largest packets that an ICMP error may become (RFC 1812 4.3.2.3, 4443). */
#define NAT64_ICMP4_MAX 576
#define NAT64_ICMP6_MAX 1280

/**
 * enum nat64_icmp_drop - why an ICMP message has no translation
 * @NAT64_ICMP_UNTRANSLATABLE: type or code without a counterpart
 * @NAT64_ICMP_POINTER: parameter problem in a field without a counterpart
 * @NAT64_ICMP_MALFORMED: message or quoted header contradicts itself
 * @NAT64_ICMP_TRUNCATED: too little of the offending packet is quoted
 * @NAT64_ICMP_NESTED: error about an error
 * @NAT64_ICMP_NO_ROOM: the output buffer is too small
 *
 * All but the last are silent drops. Functions return the negative value.
 */
enum nat64_icmp_drop {
	NAT64_ICMP_UNTRANSLATABLE = 1,
	NAT64_ICMP_POINTER,
	NAT64_ICMP_MALFORMED,
	NAT64_ICMP_TRUNCATED,
	NAT64_ICMP_NESTED,
	NAT64_ICMP_NO_ROOM,
};

/**
 * struct nat64_icmp_map - type and code of the other family
 * @type: to be written
 * @code: to be written
 */
struct nat64_icmp_map {
	u8 type;
	u8 code;
};

/**
 * nat64_icmp_query_64() - ICMPv6 echo type to its ICMPv4 type
 * Return: ICMPv4 type, or -NAT64_ICMP_UNTRANSLATABLE.
 */
int nat64_icmp_query_64(u8 type);

/** nat64_icmp_query_46() - as nat64_icmp_query_64(), the other way */
int nat64_icmp_query_46(u8 type);

/**
 * nat64_icmp_query_delta_64() - checksum difference of an echo message
 * @src6: source of the IPv6 packet
 * @dst6: destination of the IPv6 packet
 * @len: octets of the whole ICMP message
 * @type6: ICMPv6 type; the ICMPv4 type follows from it
 * @id6: identifier in the ICMPv6 message
 * @id4: identifier in the ICMPv4 message
 *
 * Covers pseudo-header, type and identifier. For nat64_csum_apply(); the
 * other direction applies nat64_csum_neg() of it.
 *
 * Return: folded difference.
 */
u16 nat64_icmp_query_delta_64(const struct in6_addr *src6,
			      const struct in6_addr *dst6, u32 len, u8 type6,
			      __be16 id6, __be16 id4);

/**
 * nat64_icmp_error_map_64() - ICMPv6 error type and code to ICMPv4
 * Return: 0 with @out set, or -NAT64_ICMP_UNTRANSLATABLE.
 */
int nat64_icmp_error_map_64(u8 type, u8 code, struct nat64_icmp_map *out);

/** nat64_icmp_error_map_46() - as nat64_icmp_error_map_64(), other way */
int nat64_icmp_error_map_46(u8 type, u8 code, struct nat64_icmp_map *out);

/**
 * nat64_icmp_pointer_64() - ICMPv6 4/0 pointer to that of ICMPv4 12/0
 * Return: pointer, or -NAT64_ICMP_POINTER.
 */
int nat64_icmp_pointer_64(u32 pointer);

/** nat64_icmp_pointer_46() - as nat64_icmp_pointer_64(), other way */
int nat64_icmp_pointer_46(u8 pointer);

/**
 * nat64_icmp_mtu_64() - MTU for ICMPv4 3/4 out of ICMPv6 2/0
 * @mtu: MTU field of the ICMPv6 message
 * @mtu6: MTU of the IPv6 next hop, 0 if unknown
 * @mtu4: MTU of the IPv4 next hop, 0 if unknown
 * @frag: the quoted IPv6 packet has a fragment header
 *
 * Return: octets, 68 to 65535.
 */
u16 nat64_icmp_mtu_64(u32 mtu, u32 mtu6, u32 mtu4, bool frag);

/**
 * nat64_icmp_mtu_46() - MTU for ICMPv6 2/0 out of ICMPv4 3/4
 * @mtu: MTU field of the ICMPv4 message; 0 from a router older than RFC 1191
 * @tot_len: Total Length of the quoted IPv4 packet
 * @mtu6: MTU of the IPv6 next hop, 0 if unknown
 * @mtu4: MTU of the IPv4 next hop, 0 if unknown
 *
 * Return: octets, at least 1280.
 */
u32 nat64_icmp_mtu_46(u16 mtu, u16 tot_len, u32 mtu6, u32 mtu4);

/**
 * nat64_icmp_quote_len() - octets of the original datagram in an ICMP error
 * @icmp: first 8 octets of the ICMP or ICMPv6 message
 * @len: octets of the whole message, at least 8
 * @family: 4 or 6
 *
 * RFC 4884: the length attribute if it is there and inside of the message,
 * otherwise all that follows the ICMP header.
 *
 * Return: octets behind the ICMP header; what follows are extensions.
 */
u32 nat64_icmp_quote_len(const u8 *icmp, u32 len, u8 family);

/** nat64_icmp_csum4_ok() - is the checksum of this ICMPv4 message right? */
bool nat64_icmp_csum4_ok(const u8 *icmp, u32 len);

/** nat64_icmp_csum6_ok() - likewise, ICMPv6 between @src and @dst */
bool nat64_icmp_csum6_ok(const struct in6_addr *src,
			 const struct in6_addr *dst, const u8 *icmp, u32 len);

/**
 * struct nat64_icmp_xlat - decisions of the caller about an ICMP error
 *
 * @src6: _46: source of the IPv6 packet to be sent (ICMPv6 checksum)
 * @dst6: _46: destination of the IPv6 packet to be sent
 * @inner_src6: _46: new source of the quoted packet
 * @inner_dst6: _46: new destination of the quoted packet
 * @inner_src4: _64: new source of the quoted packet
 * @inner_dst4: _64: new destination of the quoted packet
 * @inner_sport: new source port of the quoted packet
 * @inner_dport: new destination port of the quoted packet
 * @mtu6: MTU of the next hop towards the IPv6 end of the session in octets,
 *	0 if unknown
 * @mtu4: likewise towards the IPv4 end
 * @limit: largest IP packet that may result, in octets; 0 for the default,
 *	NAT64_ICMP4_MAX or NAT64_ICMP6_MAX
 *
 * Quoted addresses and ports are the session's, swapped with respect to the
 * packet that carries the error (RFC 6146 3.7). The new identifier of a
 * quoted ICMP query is in @inner_dport for _64 and @inner_sport for _46, as
 * struct nat64_header has it; the new call id of PPTP's GRE in @inner_dport,
 * where 0, which no sender is ever told to use, leaves the id as it is. The
 * other directions' fields are not read.
 */
struct nat64_icmp_xlat {
	struct in6_addr src6;
	struct in6_addr dst6;
	struct in6_addr inner_src6;
	struct in6_addr inner_dst6;
	__be32 inner_src4;
	__be32 inner_dst4;
	__be16 inner_sport;
	__be16 inner_dport;
	u32 mtu6;
	u32 mtu4;
	u32 limit;
};

/**
 * nat64_icmp_error_64() - translate a whole ICMPv6 error
 * @x: addresses, ports and MTUs
 * @icmp6: the ICMPv6 message; its checksum has been verified
 * @len: octets of the message
 * @out: the ICMPv4 message, checksum included; does not overlap @icmp6
 * @room: octets at @out; NAT64_ICMP4_MAX - 20 always suffices if @x->limit
 *	is 0
 *
 * The quoted packet is translated like any other, but its TTL stays
 * (RFC 7915 5.3); its lengths keep speaking of the original packet; its
 * transport checksum is updated incrementally if it is quoted. The result is
 * cut to @x->limit; RFC 4884 extensions are carried along if they fit.
 *
 * Context: Any.
 * Return: octets written, or a negative enum nat64_icmp_drop.
 */
int __must_check nat64_icmp_error_64(const struct nat64_icmp_xlat *x,
				     const u8 *icmp6, u32 len, u8 *out,
				     u32 room);

/**
 * nat64_icmp_error_46() - translate a whole ICMPv4 error
 *
 * As nat64_icmp_error_64() with the families exchanged; at @out
 * NAT64_ICMP6_MAX - 40 octets always suffice if @x->limit is 0.
 */
int __must_check nat64_icmp_error_46(const struct nat64_icmp_xlat *x,
				     const u8 *icmp4, u32 len, u8 *out,
				     u32 room);

#endif /* _NAT64_ICMP_H */
