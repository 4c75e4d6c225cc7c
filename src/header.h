/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading of IPv6, IPv4 and transport headers.
 *
 * PURE: any context, no locks, no allocation. Every byte sequence has a
 * defined result; nothing outside of [pkt, pkt + avail) is read.
 */
#ifndef _NAT64_HEADER_H
#define _NAT64_HEADER_H

#include "portable.h"

#define NAT64_PROTO_ICMP 1
#define NAT64_PROTO_TCP 6
#define NAT64_PROTO_UDP 17
#define NAT64_PROTO_GRE 47
#define NAT64_PROTO_ICMPV6 58

#define NAT64_IPV4_HLEN 20
#define NAT64_IPV6_HLEN 40
#define NAT64_FRAG_HLEN 8
#define NAT64_ICMP_HLEN 8

/* Where PPTP's GRE has its call id (RFC 2637 4.1) */
#define NAT64_GRE_CALL_ID 6

/* Longer IPv4 packets leave with Don't Fragment set (RFC 7915 5.1). */
#define NAT64_DF_ABOVE 1260

/* TCP flags, as in octet 13 of the header. */
#define NAT64_TCP_FIN 0x01
#define NAT64_TCP_SYN 0x02
#define NAT64_TCP_RST 0x04
#define NAT64_TCP_PSH 0x08
#define NAT64_TCP_ACK 0x10
#define NAT64_TCP_URG 0x20

/* Longest chain of extension headers that is followed. */
#define NAT64_HEADER_MAX_EXT 8

/**
 * enum nat64_header_result - outcome of a parse
 * @NAT64_HEADER_OK: every field is set as documented
 * @NAT64_HEADER_NEED: make @need bytes available, then parse again from the
 *	start. @need is more than avail and at most total, so this ends.
 * @NAT64_HEADER_BAD_VERSION: version nibble does not fit the function
 * @NAT64_HEADER_BAD_LENGTH: a length field of the IP header contradicts
 *	itself or the packet
 * @NAT64_HEADER_TRUNCATED: the packet ends inside of a header
 * @NAT64_HEADER_TINY_FRAGMENT: first fragment without the whole transport
 *	header (RFC 6146 3.4, RFC 1858)
 * @NAT64_HEADER_SEGMENTS_LEFT: routing header with segments left; ICMPv6 4/0
 *	with pointer @error_ptr (RFC 7915 5.1)
 * @NAT64_HEADER_SOURCE_ROUTE: unexpired source route option; ICMPv4 3/5
 *	(RFC 7915 4.1)
 * @NAT64_HEADER_EXT_IN_FRAGMENT: fragment header followed by another
 *	extension header (RFC 7915 5.1.1)
 * @NAT64_HEADER_TOO_MANY_EXT: more than NAT64_HEADER_MAX_EXT of them
 * @NAT64_HEADER_BAD_TRANSPORT: impossible TCP data offset or UDP length
 * @NAT64_HEADER_NESTED_ERROR: inner parse only: the quoted packet is itself
 *	an ICMP error (RFC 7915 4.3, 5.3)
 */
enum nat64_header_result {
	NAT64_HEADER_OK,
	NAT64_HEADER_NEED,
	NAT64_HEADER_BAD_VERSION,
	NAT64_HEADER_BAD_LENGTH,
	NAT64_HEADER_TRUNCATED,
	NAT64_HEADER_TINY_FRAGMENT,
	NAT64_HEADER_SEGMENTS_LEFT,
	NAT64_HEADER_SOURCE_ROUTE,
	NAT64_HEADER_EXT_IN_FRAGMENT,
	NAT64_HEADER_TOO_MANY_EXT,
	NAT64_HEADER_BAD_TRANSPORT,
	NAT64_HEADER_NESTED_ERROR,
};

/* struct nat64_header.present */
#define NAT64_HEADER_PORTS 0x01 /* sport and dport mean something */
#define NAT64_HEADER_CSUM 0x02 /* the transport checksum is there (csum_off) */
#define NAT64_HEADER_FLAGS 0x04 /* tcp_flags, tcp_hlen */

/**
 * struct nat64_header - what a parse found
 *
 * Offsets count from the first octet of the IP header. Lengths are octets,
 * derived from the length fields of the IP header, never from the buffer.
 * Numbers are in host order unless typed __be.
 *
 * @need: NEED only: octets that must be available
 * @error_ptr: SEGMENTS_LEFT only: offset for the pointer of ICMPv6 4/0
 * @len: whole packet: IPv4 Total Length, or IPv6 Payload Length + 40
 * @l4_off: first octet after the IP header and all extension headers that
 *	are skipped (0, 43, 44, 60)
 * @l4_len: @len - @l4_off; of a fragment, what this fragment carries
 * @payload_off: first octet after the transport header (TCP with its options,
 *	GRE with its numbers), or after what is quoted of it; equal to @l4_off
 *	for a non-first fragment or an unknown protocol
 * @inner_off: offset of the quoted IP header; only if @icmp_error
 * @csum_off: offset of the transport checksum; only with NAT64_HEADER_CSUM
 * @frag_id: identification; IPv4: 16 bits, also of unfragmented packets
 * @frag_hdr_off: IPv6: offset of the fragment header, 0 if there is none
 * @frag_off: fragment offset in octets
 * @sport: TCP, UDP: source port. ICMP query: see below. Otherwise 0
 * @dport: TCP, UDP: destination port. GRE version 1 with a key: the call id
 *	(it is the receiver's). ICMP query: see below. Otherwise 0
 * @gre_call_id: call id again, for PPTP's GRE only (@gre_pptp)
 * @udp_len: UDP Length field
 * @quoted: inner parse only: octets of the transport part that are quoted,
 *	at most @l4_len
 * @family: 4 or 6
 * @proto: wire value of the first header that is not skipped
 * @tos: IPv4 TOS or IPv6 Traffic Class, all 8 bits
 * @ttl: IPv4 TTL or IPv6 Hop Limit
 * @icmp_type: ICMP, ICMPv6: wire value
 * @icmp_code: likewise
 * @tcp_flags: octet 13 of the TCP header; only with NAT64_HEADER_FLAGS
 * @tcp_hlen: TCP header length in octets; only with NAT64_HEADER_FLAGS
 * @present: NAT64_HEADER_* bits
 * @frag: a fragment header is there (also an atomic one), or IPv4 offset or
 *	MF is not zero
 * @more: more fragments follow
 * @df: IPv4 Don't Fragment
 * @udp_csum_zero: UDP checksum field is zero
 * @icmp_query: echo request or reply
 * @icmp_error: carries a quoted packet at @inner_off
 * @gre_pptp: GRE, K set, version 1, protocol 0x880B (RFC 2637 4.1)
 *
 * The identifier of an ICMP query stands in the place of the port of the
 * IPv6 client's side, the other place is zero:
 *
 *	nat64_header_parse6(), nat64_header_parse_inner4()	sport
 *	nat64_header_parse4(), nat64_header_parse_inner6()	dport
 *
 * that is, source when the packet goes (or, quoted, went) from IPv6 to IPv4.
 *
 * A non-first fragment (@frag_off != 0) has no transport fields: @present is
 * 0, icmp_* flags are false.
 */
struct nat64_header {
	u32 need;
	u32 error_ptr;
	u32 len;
	u32 l4_off;
	u32 l4_len;
	u32 payload_off;
	u32 inner_off;
	u32 csum_off;
	u32 frag_id;
	u32 frag_hdr_off;
	u32 quoted;
	u16 frag_off;
	__be16 sport;
	__be16 dport;
	__be16 gre_call_id;
	u16 udp_len;
	u8 family;
	u8 proto;
	u8 tos;
	u8 ttl;
	u8 icmp_type;
	u8 icmp_code;
	u8 tcp_flags;
	u8 tcp_hlen;
	u8 present;
	bool frag;
	bool more;
	bool df;
	bool udp_csum_zero;
	bool icmp_query;
	bool icmp_error;
	bool gre_pptp;
};

/**
 * nat64_header_parse6() - read an IPv6 packet
 * @pkt: first octet of the IPv6 header, any alignment
 * @avail: octets readable at @pkt
 * @total: octets of the packet from @pkt on; at least @avail. Link padding
 *	behind the packet is fine
 * @h: result; on failure only the fields that the result names are defined
 *
 * Available after OK: all headers up to and including the fixed part of the
 * transport header (TCP 20, UDP 8, ICMP 8, GRE 8 octets), not TCP options.
 *
 * Context: Any.
 */
enum nat64_header_result __must_check
nat64_header_parse6(const u8 *pkt, u32 avail, u32 total,
		    struct nat64_header *h);

/** nat64_header_parse4() - as nat64_header_parse6(), for an IPv4 packet */
enum nat64_header_result __must_check
nat64_header_parse4(const u8 *pkt, u32 avail, u32 total,
		    struct nat64_header *h);

/**
 * nat64_header_plain6() - read an IPv6 packet that is nothing but TCP or UDP
 * @pkt: as for nat64_header_parse6()
 * @avail: likewise
 * @total: likewise
 * @h: result
 *
 * The short way for what nearly all packets are: no extension header, no
 * octet behind the packet, and all fixed headers available.
 *
 * Return: true, and @h is what nat64_header_parse6() makes of it; or false, and
 * that one has to find out what it is.
 */
bool __must_check nat64_header_plain6(const u8 *pkt, u32 avail, u32 total,
				      struct nat64_header *h);

/**
 * nat64_header_plain4() - as nat64_header_plain6(), for an IPv4 packet
 *
 * Without options, and no fragment. The header checksum is not looked at.
 */
bool __must_check nat64_header_plain4(const u8 *pkt, u32 avail, u32 total,
				      struct nat64_header *h);

/**
 * nat64_header_parse_inner6() - read the packet quoted in an ICMPv6 error
 * @pkt: first octet of the quoted IPv6 header
 * @avail: octets readable at @pkt
 * @total: octets quoted, see nat64_icmp_quote_len(); at least @avail
 * @h: result
 *
 * The quoted packet may be cut anywhere behind 8 octets of its transport
 * header; @h->len and @h->l4_len speak of the original packet, @h->quoted of
 * what is here, @h->present of which transport fields are. TCP, UDP, ICMP
 * and PPTP's GRE with less than 8 octets are TRUNCATED (RFC 6146 3.4).
 *
 * Context: Any.
 */
enum nat64_header_result __must_check
nat64_header_parse_inner6(const u8 *pkt, u32 avail, u32 total,
			  struct nat64_header *h);

/**
 * nat64_header_parse_inner4() - read the packet quoted in an ICMPv4 error
 *
 * As nat64_header_parse_inner6(). IP options are skipped, source routes too
 * (RFC 5508 REQ-3). The header checksum is not looked at, see
 * nat64_header_csum4_ok().
 */
enum nat64_header_result __must_check
nat64_header_parse_inner4(const u8 *pkt, u32 avail, u32 total,
			  struct nat64_header *h);

/**
 * nat64_header_translatable() - may the other family carry @h->proto?
 * @h: result of a parse
 *
 * Not if the number is an extension header over there: an IPv4 packet must
 * not become a routing header or the like. Nor if it is the ICMP of the
 * other family, which would skip that one's checksum and type rules.
 */
bool nat64_header_translatable(const struct nat64_header *h);

/**
 * nat64_header_csum4_ok() - is the checksum of this IPv4 header right?
 * @pkt: first octet of the IPv4 header
 * @avail: octets readable at @pkt
 *
 * Return: false also if the header does not fit into @avail.
 */
bool nat64_header_csum4_ok(const u8 *pkt, u32 avail);

#endif /* _NAT64_HEADER_H */
