/* SPDX-License-Identifier: GPL-2.0 */
/* ICMP errors on their way through (RFC 7915 4.2, 5.2; RFC 6146 3.6). */
#ifndef _NAT64_ERROR_H
#define _NAT64_ERROR_H

struct nat64_packet;

/**
 * nat64_error_64() - translate and send an ICMPv6 error
 * @p: parsed packet with p->h.icmp_error
 *
 * Errors never create, refresh or end a session.
 *
 * Return: netfilter verdict; NF_STOLEN if it was sent.
 */
unsigned int nat64_error_64(struct nat64_packet *p);

/** nat64_error_46() - as nat64_error_64(), for an ICMPv4 error */
unsigned int nat64_error_46(struct nat64_packet *p);

#endif /* _NAT64_ERROR_H */
