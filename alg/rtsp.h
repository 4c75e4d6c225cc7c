/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parts of the RTSP ALG (RFC 2326, 7826):
 *
 *	rtsp.c		octets to messages, and what is done with each
 *	message.c	start line and headers
 *	transport.c	the Transport header
 *	media.c		requests under way, media and their gates
 *	sdp.c		addresses in URLs and session descriptions
 *
 * PURE.
 */
#ifndef _NAT64_ALG_RTSP_H
#define _NAT64_ALG_RTSP_H

#include "edit.h"
#include "nat64_alg.h"
#include "portable.h"

/* A block of headers, and a description with its headers, is no longer. */
#define NAT64_RTSP_HOLD 8192
#define NAT64_RTSP_PAIRS 32
#define NAT64_RTSP_REQUESTS 32

/* Who the IPv6 end is; decided once, by the first URL with a host. */
enum nat64_rtsp_client {
	NAT64_RTSP_UNDECIDED,
	NAT64_RTSP_IPV4,	/* behind a CLAT, or possibly so */
	NAT64_RTSP_NATIVE,
};

/* A request whose reply matters; @method 0: free */
struct nat64_rtsp_request {
	u32 cseq;
	u32 session;
	u32 uri;
	u8 method;
	u8 dir;
};

enum {
	NAT64_RTSP_SETUP = 1,
	NAT64_RTSP_TEARDOWN,
};

#define NAT64_RTSP_PENDING 0x01	/* a SETUP names it, @cseq */
#define NAT64_RTSP_ACTIVE 0x02	/* the server agreed, @session, @uri */
#define NAT64_RTSP_SINGLE 0x04	/* @port[0] and @mapped[0] only */

/**
 * struct nat64_rtsp_media - two ports (or one) of the IPv6 end
 * @cseq: of the SETUP that named them last
 * @session: they belong to
 * @uri: of the medium
 * @port: they
 * @mapped: the same on the pool address
 * @remote: ports of the IPv4 end, 0: any; once it agreed
 * @flags: 0: the entry is free
 *
 * Sessions and URIs are hashes: all that follows from two that are equal is
 * that gates of this connection close. Only a CSeq opens any.
 */
struct nat64_rtsp_media {
	u32 cseq;
	u32 session;
	u32 uri;
	u16 port[2];
	u16 mapped[2];
	u16 remote[2];
	u8 flags;
};

/**
 * struct nat64_rtsp_scan - how far a message that is not complete was read
 * @at: octets of the headers
 * @line: where their present line began
 * @need: octets that the message has, once that is known
 * @bare: the line before ended with CR alone
 */
struct nat64_rtsp_scan {
	u16 at;
	u16 line;
	u16 need;
	bool bare;
};

/**
 * struct nat64_rtsp - private area of a connection
 * @body: octets left of a description that is being edited
 * @frame: octets seen of the head of an interleaved frame
 * @frame_len: high octet of its length
 * @scan: the headers under way
 * @begun: that direction has begun as RTSP does
 * @client: enum nat64_rtsp_client
 * @turn: entry of @request that is used next
 */
struct nat64_rtsp {
	u32 body[2];
	u8 frame[2];
	u8 frame_len[2];
	struct nat64_rtsp_scan scan[2];
	bool begun[2];
	u8 client;
	u8 turn;
	struct nat64_rtsp_request request[NAT64_RTSP_REQUESTS];
	struct nat64_rtsp_media media[NAT64_RTSP_PAIRS];
};

/* Octets [@off, @end) of a message */
struct nat64_rtsp_span {
	u32 off;
	u32 end;
};

/**
 * struct nat64_rtsp_msg - a message, as far as it matters
 * @data: its first octet
 * @len: octets to the end of the headers
 * @request: otherwise a response
 * @known: version 1 or 2
 * @status: of a response
 * @method: of a request
 * @url: of a request
 * @cseq: if @has_cseq
 * @session: hash of the session identifier, 0 if there is none
 * @timeout_ms: of the session, if the server says it
 * @length: where the value of Content-Length is
 * @body: that value
 * @sdp: the body is a description that can be read
 * @bad: Content-Length cannot be true
 */
struct nat64_rtsp_msg {
	struct nat64_alg_ctx *ctx;
	struct nat64_rtsp *rtsp;
	enum nat64_dir dir;
	const u8 *data;
	u32 len;
	bool request;
	bool known;
	bool has_cseq;
	bool sdp;
	bool bad;
	u16 status;
	struct nat64_rtsp_span method;
	struct nat64_rtsp_span url;
	u32 cseq;
	u32 session;
	u32 timeout_ms;
	struct nat64_rtsp_span length;
	u32 body;
};

/* message.c */

enum nat64_rtsp_start {
	NAT64_RTSP_START_NEED,	/* as far as it goes it may be one */
	NAT64_RTSP_START_BAD,
	NAT64_RTSP_START_OK,	/* @m->request and what belongs to it is set */
};

/** nat64_rtsp_start() - is this how a message begins? */
enum nat64_rtsp_start nat64_rtsp_start(struct nat64_rtsp_msg *m,
				       const u8 *data, u32 len);

/**
 * nat64_rtsp_headers_end() - find the empty line
 * @data: the message
 * @len: octets, at most NAT64_RTSP_HOLD
 * @scan: zero at first; so no octet is read twice, however few come at a time
 *
 * Return: octets up to its end; 0: not there yet; more than @len: what is there
 * will never do.
 */
u32 nat64_rtsp_headers_end(const u8 *data, u32 len,
			   struct nat64_rtsp_scan *scan);

/**
 * nat64_rtsp_header_next() - header by header
 * @m: message, @m->data and @m->len are set
 * @pos: 0 at first; replaced
 * @name: result
 * @value: result, without blanks at its ends; may have line ends inside
 *
 * Return: false: none is left.
 */
bool nat64_rtsp_header_next(const struct nat64_rtsp_msg *m, u32 *pos,
			    struct nat64_rtsp_span *name,
			    struct nat64_rtsp_span *value);

/** nat64_rtsp_read() - all members of @m that headers give */
void nat64_rtsp_read(struct nat64_rtsp_msg *m);

/** nat64_rtsp_is() - is the text of a span this? Capital or not is equal. */
bool nat64_rtsp_is(const u8 *data, struct nat64_rtsp_span s,
		   const char *text);

/** nat64_rtsp_trim() - take blanks and line ends off both ends */
struct nat64_rtsp_span nat64_rtsp_trim(const u8 *data, u32 off, u32 end);

/** nat64_rtsp_addr4() - is a span an IPv4 address? */
bool nat64_rtsp_addr4(const u8 *data, struct nat64_rtsp_span s, __be32 *v4);

/**
 * nat64_rtsp_number() - a decimal number, digits only
 * @max: it is no greater
 */
bool nat64_rtsp_number(const u8 *data, struct nat64_rtsp_span s, u32 max,
		       u32 *value);

/** nat64_rtsp_hash() - never 0 */
u32 nat64_rtsp_hash(const u8 *data, struct nat64_rtsp_span s);

/* transport.c */

struct nat64_rtsp_ports {
	u8 count;
	u16 port[2];
};

/**
 * struct nat64_rtsp_spec - one alternative of a Transport header
 * @at: all of it
 * @udp: unicast over UDP
 * @bad: names ports of the IPv6 end, but not so that they can be read
 * @foreign: wants the media at another host than the IPv6 end
 * @client: client_port or dest_addr
 * @server: server_port or src_addr
 * @source: IPv4 address of source or src_addr, or 0
 */
struct nat64_rtsp_spec {
	struct nat64_rtsp_span at;
	bool udp;
	bool bad;
	bool foreign;
	struct nat64_rtsp_ports client;
	struct nat64_rtsp_ports server;
	__be32 source;
};

/**
 * nat64_rtsp_spec_next() - alternative by alternative
 * @m: message
 * @value: of the header; the beginning moves on
 * @spec: result
 */
bool nat64_rtsp_spec_next(const struct nat64_rtsp_msg *m,
			  struct nat64_rtsp_span *value,
			  struct nat64_rtsp_spec *spec);

/**
 * nat64_rtsp_spec_edit() - change ports and hosts
 * @m: message
 * @spec: alternative
 * @to: instead of the ports of the IPv6 end, two
 * @ed: edits
 *
 * The ports of the IPv6 end are @spec->client, or @spec->server if it is the
 * server.
 */
void nat64_rtsp_spec_edit(const struct nat64_rtsp_msg *m,
			  const struct nat64_rtsp_spec *spec, const u16 *to,
			  struct nat64_edit *ed);

/* media.c */

/** nat64_rtsp_request_add() - remember a request, instead of the oldest */
void nat64_rtsp_request_add(const struct nat64_rtsp_msg *m, u8 method);

/** nat64_rtsp_request_find() - the request that response @m is for, or NULL */
struct nat64_rtsp_request *
nat64_rtsp_request_find(const struct nat64_rtsp_msg *m);

/** nat64_rtsp_request_done() - the final response has been dealt with */
void nat64_rtsp_request_done(const struct nat64_rtsp_msg *m,
			     struct nat64_rtsp_request *req);

/**
 * nat64_rtsp_media_reserve() - have pool ports for ports of the IPv6 end
 * @m: message that names them
 * @cseq: of the SETUP
 * @ports: they
 *
 * Return: NULL: there are none to be had.
 */
struct nat64_rtsp_media *
nat64_rtsp_media_reserve(const struct nat64_rtsp_msg *m, u32 cseq,
			 const struct nat64_rtsp_ports *ports);

/**
 * nat64_rtsp_media_mapped() - the media that the other end means
 * @rtsp: connection
 * @req: SETUP that is answered: its media go first; or NULL
 * @ports: pool ports as the other end names them; none: the only ones of @req
 *
 * Return: NULL: none. Only if nat64_rtsp_media_awaits() has the other end
 * agreed to them by this.
 */
struct nat64_rtsp_media *
nat64_rtsp_media_mapped(struct nat64_rtsp *rtsp,
			const struct nat64_rtsp_request *req,
			const struct nat64_rtsp_ports *ports);

/** nat64_rtsp_media_awaits() - is the reply to @req for @media? */
static inline bool
nat64_rtsp_media_awaits(const struct nat64_rtsp_media *media,
			const struct nat64_rtsp_request *req)
{
	return media->flags & NAT64_RTSP_PENDING && media->cseq == req->cseq;
}

/**
 * nat64_rtsp_media_open() - the server agreed: open the gates (S-40)
 * @m: its response
 * @req: SETUP
 * @media: what it agreed to
 * @remote: ports of the IPv4 end
 * @source: IPv4 address that the media is said to come from, or 0
 */
void nat64_rtsp_media_open(const struct nat64_rtsp_msg *m,
			   const struct nat64_rtsp_request *req,
			   struct nat64_rtsp_media *media,
			   const struct nat64_rtsp_ports *remote,
			   __be32 source);

/* sdp.c */

/* Longest text for an address: "IP6 " or brackets around it */
#define NAT64_RTSP_TEXT 48

/**
 * struct nat64_rtsp_swap - an address that has to be another one
 * @at: octets to replace
 * @len: octets instead
 * @text: they
 */
struct nat64_rtsp_swap {
	struct nat64_rtsp_span at;
	u32 len;
	u8 text[NAT64_RTSP_TEXT];
};

/**
 * nat64_rtsp_host() - find the host of a URL
 * @data: octets
 * @url: where to look; the beginning moves behind the host
 * @host: result; brackets included
 *
 * Return: false: there is no URL of RTSP with a host.
 */
bool nat64_rtsp_host(const u8 *data, struct nat64_rtsp_span *url,
		     struct nat64_rtsp_span *host);

/**
 * nat64_rtsp_swap_host() - a literal in a URL for the other family
 *
 * To the IPv6 side IPv4 goes into the prefix, to the IPv4 side what is in the
 * prefix comes out of it. The literals of a line of SDP likewise.
 *
 * Return: false: it stays.
 */
bool nat64_rtsp_swap_host(const struct nat64_alg_ctx *ctx, enum nat64_dir dir,
			  const u8 *data, struct nat64_rtsp_span host,
			  struct nat64_rtsp_swap *swap);

/** nat64_rtsp_swap_line() - likewise, for a line of a description */
bool nat64_rtsp_swap_line(const struct nat64_alg_ctx *ctx, enum nat64_dir dir,
			  const u8 *data, struct nat64_rtsp_span line,
			  struct nat64_rtsp_swap *swap);

/** nat64_rtsp_swaps() - are literals of this connection swapped at all? */
bool nat64_rtsp_swaps(const struct nat64_alg_ctx *ctx);

#endif /* _NAT64_ALG_RTSP_H */
