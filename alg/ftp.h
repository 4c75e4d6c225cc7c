/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the FTP ALG share. */
#ifndef _NAT64_ALG_FTP_H
#define _NAT64_ALG_FTP_H

#include "endpoint.h"
#include "nat64_alg.h"
#include "pending.h"
#include "telnet.h"

/* Longest line, and longest reply of several lines that we change (FT-30) */
#define NAT64_FTP_HOLD 2048
/* A client needs one (G-09), one that pipelines transfers a few. */
#define NAT64_FTP_GATES 4
/* Telnet requests that wait to be refused, in each direction */
#define NAT64_FTP_REFUSALS 8

/**
 * struct nat64_ftp - private area
 * @queue: commands without a reply
 * @multi: code of a reply whose last line is still to come, else 0
 * @noted: the port in the lines of that reply has been taken
 * @greeted: the server has begun as an FTP server does (SEC-12)
 * @epsv: EPSV becomes PASV; ALGS changes it
 * @eprt: EPRT is translated; ALGS changes it
 * @speaks4: the client has named an IPv4 address as its own: it is behind a
 *	CLAT
 * @named: the client has sent PORT, PASV or the like
 * @auth: AUTH is pending; the client's octets are not looked at
 * @blind: and there were some, so we do not know where its lines begin
 * @passive: gates of NAT64_DIR_64 since all were closed
 * @active: entries of @port in use
 * @port: client ports of gates of NAT64_DIR_46 that have not been closed
 * @refused: octets of @refusal in use; by the direction in which they go
 * @refusal: Telnet commands to put before the next message (FT-05)
 */
struct nat64_ftp {
	struct nat64_pending queue;
	u16 multi;
	bool noted;
	bool greeted;
	bool epsv;
	bool eprt;
	bool speaks4;
	bool named;
	bool auth;
	bool blind;
	u8 passive;
	u8 active;
	__be16 port[NAT64_FTP_GATES];
	u8 refused[2];
	u8 refusal[2][3 * NAT64_FTP_REFUSALS];
};

/**
 * struct nat64_ftp_message - the message at hand
 * @ctx: connection
 * @p: @ctx->priv
 * @dir: of its octets
 * @data: the undecided octets of the direction; it is at their beginning
 * @len: octets of @data
 * @total: octets of the message
 * @end: octets of the end of line that it ends with
 * @telnet: there are Telnet commands in it
 * @replaced: it has been replaced as a whole
 * @line: the line, the last one if there are several
 */
struct nat64_ftp_message {
	struct nat64_alg_ctx *ctx;
	struct nat64_ftp *p;
	enum nat64_dir dir;
	const u8 *data;
	u32 len;
	u32 total;
	u32 end;
	bool telnet;
	bool replaced;
	struct nat64_line line;
};

/* All of the following that return u32 return what payload() has to. */

/** nat64_ftp_give_up() - not FTP, or its order is lost: transparent */
u32 nat64_ftp_give_up(struct nat64_ftp_message *m);

/** nat64_ftp_done() - the message is understood and leaves */
u32 nat64_ftp_done(struct nat64_ftp_message *m);

/**
 * nat64_ftp_replace() - put @text in the place of a part of the line
 * @from: first octet, an offset into @m->line.text
 * @to: after the last one
 */
int __must_check nat64_ftp_replace(struct nat64_ftp_message *m, u32 from,
				   u32 to, const u8 *text, u32 len);

/** nat64_ftp_replace_all() - put @text in the place of all but the last end */
int __must_check nat64_ftp_replace_all(struct nat64_ftp_message *m,
				       const u8 *text, u32 len);

/**
 * nat64_ftp_open46() - the IPv4 end may connect to @port of the IPv6 end
 * @remote_port: from this port; 0: any
 * @mapped: result, what stands for @port on the pool address
 *
 * Return: 0 or what nat64_alg_gate_open() says, which counts it.
 */
int nat64_ftp_open46(struct nat64_ftp_message *m, __be16 port,
		     __be16 remote_port, __be16 *mapped);

/** nat64_ftp_open64() - the IPv6 end will connect to @port of the IPv4 end */
void nat64_ftp_open64(struct nat64_ftp_message *m, u16 port);

/** nat64_ftp_close46() - close the gate to @port of the IPv6 end */
void nat64_ftp_close46(struct nat64_ftp_message *m, __be16 port);

/**
 * nat64_ftp_supersede() - another data connection is being announced
 * @keep: port of the IPv6 end whose gate may stay, 0: none
 *
 * Closes the gates of former announcements, unless a pipelined transfer may
 * still need them.
 */
void nat64_ftp_supersede(struct nat64_ftp_message *m, __be16 keep);

/**
 * nat64_ftp_client_like() - can a command begin like this?
 * @whole: the line is complete
 */
bool nat64_ftp_client_like(const struct nat64_line *l, bool whole);

/** nat64_ftp_client() - a line of the client */
u32 nat64_ftp_client(struct nat64_ftp_message *m);

/** nat64_ftp_server_like() - can the next line of the server begin like this? */
bool nat64_ftp_server_like(const struct nat64_ftp *p,
			   const struct nat64_line *l, bool whole);

/** nat64_ftp_server() - a line of the server */
u32 nat64_ftp_server(struct nat64_ftp_message *m);

#endif /* _NAT64_ALG_FTP_H */
