// SPDX-License-Identifier: GPL-2.0
/*
 * RTSP: literals for hosts that speak IPv6, and none for those behind a CLAT.
 * The prefix is 64:ff9b::/96.
 */
#include "talk.h"

#define ASK(method, url)						\
	method " " url " RTSP/1.0\r\nCSeq: 1\r\n\r\n"
#define NATIVE "rtsp://[64:ff9b::cb00:7109]/live"
#define PLAIN "rtsp://203.0.113.9/live"
#define NAMED "rtsp://cam.example/live"

#define ROOM 6000
#define TALK(setup, say)						\
	talk(__func__, &nat64_alg_rtsp, setup, say, ARRAY_SIZE(say))

/* A reply with a description, and its true length */
static void describe(char *to, const char *more, const char *body)
{
	snprintf(to, ROOM, "RTSP/1.0 200 OK\r\nCSeq: 1\r\n%s"
		 "Content-Type: application/sdp\r\n"
		 "Content-Length: %zu\r\n\r\n%s", more, strlen(body), body);
}

#define BASE "Content-Base: rtsp://203.0.113.9:554/live/\r\n"
#define BASE6 "Content-Base: rtsp://[64:ff9b::cb00:7109]:554/live/\r\n"

static const char sdp[] =
	"v=0\r\n"
	"o=- 18446744073709551615 1 IN IP4 203.0.113.9\r\n"
	"s=IN IP4 203.0.113.9\r\n"
	"c=IN IP4 0.0.0.0\r\n"
	"t=0 0\r\n"
	"m=audio 0 RTP/AVP 0\r\n"
	"a=control:rtsp://203.0.113.9/live/track1\r\n"
	"m=video 0 RTP/AVP 26\r\n"
	"c=IN IP4 203.0.113.10\r\n"
	"a=rtcp:5001 IN IP4 203.0.113.9\r\n"
	"a=control:track2\r\n";

static const char sdp6[] =
	"v=0\r\n"
	"o=- 18446744073709551615 1 IN IP6 64:ff9b::cb00:7109\r\n"
	"s=IN IP4 203.0.113.9\r\n"
	"c=IN IP6 ::\r\n"
	"t=0 0\r\n"
	"m=audio 0 RTP/AVP 0\r\n"
	"a=control:rtsp://[64:ff9b::cb00:7109]/live/track1\r\n"
	"m=video 0 RTP/AVP 26\r\n"
	"c=IN IP6 64:ff9b::cb00:710a\r\n"
	"a=rtcp:5001 IN IP6 64:ff9b::cb00:7109\r\n"
	"a=control:track2\r\n";

static void labelled(struct core *c)
{
	c->ctx.labelled = true;
}

static void labelled_clat(struct core *c)
{
	c->ctx.labelled = true;
	nat64_put_be32(0xc0a80107, c->ctx.client6.s6_addr + 12);
}

static void option_off(struct core *c)
{
	c->ctx.options &= ~NAT64_ALG_OPT_RTSP_LITERALS;
}

static void server_inside(struct core *c)
{
	c->ctx.labelled = true;
	c->ctx.inbound = true;
}

/* who is taken for a host that speaks IPv6 */
static void who(void)
{
	static const struct {
		const char *ask;
		const char *arrives;
		void (*setup)(struct core *c);
		bool native;
	} rows[] = {
		{ ASK("DESCRIBE", PLAIN), NULL, NULL, false },
		{ ASK("DESCRIBE", PLAIN), NULL, labelled, false },
		{ ASK("DESCRIBE", NATIVE), ASK("DESCRIBE", PLAIN), NULL, true },
		{ ASK("DESCRIBE", NATIVE), NULL, option_off, false },
		{ ASK("DESCRIBE", NAMED), NULL, NULL, false },
		{ ASK("DESCRIBE", NAMED), NULL, labelled, true },
		{ ASK("DESCRIBE", NAMED), NULL, labelled_clat, false },
		{ ASK("OPTIONS", "*") ASK("DESCRIBE", NAMED), NULL, labelled,
		  true },
		{ ASK("OPTIONS", "*") ASK("DESCRIBE", PLAIN), NULL, labelled,
		  false },
		{ ASK("OPTIONS", NAMED) ASK("DESCRIBE", PLAIN), NULL, NULL,
		  false },
		{ ASK("OPTIONS", PLAIN) ASK("DESCRIBE", NATIVE), NULL, NULL,
		  false },
		{ ASK("OPTIONS", "*"), NULL, labelled, false },
		{ ASK("DESCRIBE", "rtsp://203.0.113.9@cam.example/"), NULL,
		  labelled, true },
		{ ASK("DESCRIBE", "rtsp://u:p@203.0.113.9:554/"), NULL,
		  labelled, false },
		{ ASK("DESCRIBE", "rtsp://u:p@[64:ff9b::cb00:7109]:554/"),
		  ASK("DESCRIBE", "rtsp://u:p@203.0.113.9:554/"), NULL, true },
	};
	char said[ROOM], want[ROOM];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct say say[] = {
			{ TO_4, rows[i].ask, rows[i].arrives },
			{ TO_6, said, want },
		};

		describe(said, BASE, sdp);
		if (rows[i].native)
			describe(want, BASE6, sdp6);
		else
			describe(want, BASE, sdp);
		core_free(TALK(rows[i].setup, say));
	}
}

/* the length may stand anywhere, and have another number of digits. */
static void lengths(void)
{
	static const struct say say[] = {
		{ TO_4, ASK("DESCRIBE", NATIVE), ASK("DESCRIBE", PLAIN) },
		{ TO_6, "RTSP/1.0 200 OK\r\nContent-Type: application/sdp\r\n"
		  "content-length : 95 \r\n\r\nc=IN IP4 192.0.2.1\r\n"
		  "c=IN IP4 192.0.2.1\r\nc=IN IP4 192.0.2.1\r\n"
		  "c=IN IP4 192.0.2.1\r\nx=345678901234\n",
		  "RTSP/1.0 200 OK\r\nContent-Type: application/sdp\r\n"
		  "content-length : 127 \r\n\r\nc=IN IP6 64:ff9b::c000:201\r\n"
		  "c=IN IP6 64:ff9b::c000:201\r\nc=IN IP6 64:ff9b::c000:201\r\n"
		  "c=IN IP6 64:ff9b::c000:201\r\nx=345678901234\n" },
		{ TO_6, "RTSP/1.0 200 OK\r\nContent-Length:\r\n 21\r\nCSeq: 1"
		  "\r\nContent-Type: application/sdp; charset=utf-8\r\n\r\n"
		  "v=0\nc=IN IP4 10.0.0.1RTSP/1.0 200 OK\r\nCSeq: 2\r\n\r\n",
		  "RTSP/1.0 200 OK\r\nContent-Length:\r\n 27\r\nCSeq: 1"
		  "\r\nContent-Type: application/sdp; charset=utf-8\r\n\r\n"
		  "v=0\nc=IN IP6 64:ff9b::a00:1RTSP/1.0 200 OK\r\nCSeq: 2\r\n"
		  "\r\n" },
		{ TO_6, "RTSP/1.0 200 OK\r\ncontent-length : 21 \r\nCSeq: 1\r\n"
		  "Content-Length: 21\r\nContent-Type: application/sdp\r\n\r\n"
		  "v=0\nc=IN IP4 10.0.0.1", NULL },
		{ TO_6, "RTSP/1.0 200 OK\r\nCSeq: 3\r\n\r\n", NULL },
	};
	struct core *c = TALK(NULL, say);

	CHECK_EQ(c->count[NAT64_ALG_CNT_MESSAGES], 6, "messages");
	core_free(c);
}

/* what stays for a host that speaks IPv6, too */
static void stays(void)
{
	static const char *const bodies[] = {
		"v=0\r\nc=IN IP4 224.2.17.12/127\r\n",
		"v=0\r\nc=IN IP4 239.1.1.1\r\n",
		"v=0\r\nc=IN IP4 cam.example\r\n",
		"v=0\r\nc=IN IP6 2001:db8::1\r\n",
		"v=0\r\nc=IN IP4 1.2.3.4/127/3\r\n",
		"v=0\r\nc=IN IP4\r\n",
		"v=0\r\nc=IN\r\n",
		"v=0\r\nc=IN IP4 1.2.3\r\n",
		"v=0\r\nc=IN IP4 256.2.3.4\r\n",
		"v=0\r\na=control:*\r\na=control:rtsp://cam.example/1\r\n",
		"v=0\r\na=control:http://203.0.113.9/1\r\n",
		"v=0\r\na=x:rtsp://203.0.113.9/1\r\n",
		"v=0\r\na=source-filter: incl IN IP4 * 203.0.113.9\r\n",
		"v=0\r\rc=IN IP4 203.0.113.9\r",
		"",
	};
	char said[ROOM];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bodies); i++) {
		const struct say say[] = {
			{ TO_4, ASK("DESCRIBE", NATIVE),
			  ASK("DESCRIBE", PLAIN) },
			{ TO_6, said, NULL },
		};
		struct core *c;

		describe(said, "", bodies[i]);
		c = talk(bodies[i], &nat64_alg_rtsp, NULL, say, 2);
		CHECK_EQ(c->count[NAT64_ALG_CNT_REWRITES], 1, "the URL");
		CHECK(!c->transparent, "%s: gave up", bodies[i]);
		core_free(c);
	}
}

/* Bodies that are no readable description pass by their length. */
static void other_bodies(void)
{
#define BODY "c=IN IP4 10.0.0.1\r\n"
#define OTHER(more)							\
	{ TO_6, "RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 19\r\n"	\
	  more "\r\n" BODY, NULL }
	static const struct say say[] = {
		{ TO_4, ASK("DESCRIBE", NATIVE), ASK("DESCRIBE", PLAIN) },
		OTHER("Content-Type: text/parameters\r\n"),
		OTHER("Content-Type: application/sdpx\r\n"),
		OTHER("Content-Encoding: gzip\r\n"
		      "Content-Type: application/sdp\r\n"),
		OTHER("Content-Type: application/sdp\r\n"
		      "Content-Encoding: gzip\r\n"),
		OTHER(""),
	};
	struct core *c = TALK(NULL, say);

	CHECK_EQ(c->count[NAT64_ALG_CNT_MESSAGES], 6, "messages");
	core_free(c);
}

/* A description that is too long is not kept back, one that fits is. */
static void large(void)
{
	static char body[20000], body6[20000], said[24000], want[24000];
	static const struct {
		u32 lines;
		bool mapped;
	} rows[] = { { 7, true }, { 8, true }, { 9, true }, { 40, true },
		     { 350, true }, { 400, false }, { 900, false } };
	const struct say say[] = {
		{ TO_4, ASK("DESCRIBE", NATIVE), ASK("DESCRIBE", PLAIN) },
		{ TO_6, said, want },
		{ TO_6, "RTSP/1.0 200 OK\r\nCSeq: 9\r\n\r\n", NULL },
	};
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct core *c;

		body[0] = body6[0] = 0;
		for (k = 0; k < rows[i].lines; k++) {
			strcat(body, "c=IN IP4 192.0.2.1\r\n\n");
			strcat(body6, rows[i].mapped ?
			       "c=IN IP6 64:ff9b::c000:201\r\n\n" :
			       "c=IN IP4 192.0.2.1\r\n\n");
		}
		snprintf(said, sizeof(said), "RTSP/1.0 200 OK\r\n"
			 "Content-Type: application/sdp\r\n"
			 "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
		snprintf(want, sizeof(want), "RTSP/1.0 200 OK\r\n"
			 "Content-Type: application/sdp\r\n"
			 "Content-Length: %zu\r\n\r\n%s", strlen(body6), body6);
		c = TALK(NULL, say);
		CHECK_EQ(c->count[NAT64_ALG_CNT_MESSAGES], 3, "%u", i);
		CHECK(!c->transparent, "%u: gave up", i);
		core_free(c);
	}
}

/* headers; a name stays a name, and other URLs are no business of ours */
static void headers(void)
{
	static const struct say say[] = {
		{ TO_4, ASK("PLAY", NATIVE), ASK("PLAY", PLAIN) },
		{ TO_6, "RTSP/1.0 302 Moved\r\nCSeq: 1\r\n"
		  "Location: rtsp://203.0.113.10:8554/x\r\n"
		  "Content-Location: rtspu://u@203.0.113.9\r\n"
		  "X-Location: rtsp://203.0.113.9/\r\n"
		  "RTP-Info: url=rtsp://203.0.113.9/1;seq=1;rtptime=2,"
		  "url=rtsp://203.0.113.9/2,url=rtsp://cam.example/3\r\n"
		  "rtp-info: url=\"rtsp://203.0.113.9\" ssrc=0A:seq=4\r\n\r\n",
		  "RTSP/1.0 302 Moved\r\nCSeq: 1\r\n"
		  "Location: rtsp://[64:ff9b::cb00:710a]:8554/x\r\n"
		  "Content-Location: rtspu://u@[64:ff9b::cb00:7109]\r\n"
		  "X-Location: rtsp://203.0.113.9/\r\n"
		  "RTP-Info: url=rtsp://[64:ff9b::cb00:7109]/1;seq=1;rtptime=2,"
		  "url=rtsp://[64:ff9b::cb00:7109]/2,"
		  "url=rtsp://cam.example/3\r\n"
		  "rtp-info: url=\"rtsp://[64:ff9b::cb00:7109]\" ssrc=0A:seq=4"
		  "\r\n\r\n" },
		{ TO_6, ASK("REDIRECT", PLAIN), ASK("REDIRECT", NATIVE) },
		{ TO_4, ASK("PLAY", "rtsp://[2001:db8::1]/"), NULL },
		{ TO_4, ASK("PLAY", "rtsp://[64:ff9b::]/"),
		  ASK("PLAY", "rtsp://0.0.0.0/") },
		{ TO_4, ASK("PLAY", "http://[64:ff9b::1]/"), NULL },
	};
	struct core *c = TALK(NULL, say);

	CHECK(!c->transparent, "gave up");
	core_free(c);
}

/* clients send RTCP to the source of the reply. */
static void transports(void)
{
	static const struct say say[] = {
		{ TO_4, "SETUP " NATIVE " RTSP/1.0\r\nCSeq: 2\r\nTransport: "
		  "RTP/AVP;unicast;client_port=5000-5001\r\n\r\n",
		  "SETUP " PLAIN " RTSP/1.0\r\nCSeq: 2\r\nTransport: "
		  "RTP/AVP;unicast;client_port=5000-5001\r\n\r\n" },
		{ TO_6, "RTSP/1.0 200 OK\r\nCSeq: 2\r\nTransport: RTP/AVP;"
		  "unicast;destination=198.51.100.1;source=203.0.113.9;"
		  "client_port=5000-5001;server_port=1-2\r\n\r\n",
		  "RTSP/1.0 200 OK\r\nCSeq: 2\r\nTransport: RTP/AVP;"
		  "unicast;destination=2001:db8:1::5;source=64:ff9b::cb00:7109;"
		  "client_port=5000-5001;server_port=1-2\r\n\r\n" },
		{ TO_6, "RTSP/1.0 200 OK\r\nCSeq: 3\r\nTransport: RTP/AVP;"
		  "unicast;dest_addr=\"198.51.100.1:5000\";"
		  "src_addr=\"203.0.113.9:1\"/\"203.0.113.9:2\"\r\n\r\n",
		  "RTSP/1.0 200 OK\r\nCSeq: 3\r\nTransport: RTP/AVP;"
		  "unicast;dest_addr=\"[2001:db8:1::5]:5000\";"
		  "src_addr=\"[64:ff9b::cb00:7109]:1\"/"
		  "\"[64:ff9b::cb00:7109]:2\"\r\n\r\n" },
		{ TO_6, "RTSP/1.0 200 OK\r\nCSeq: 4\r\nTransport: RTP/AVP/TCP;"
		  "unicast;interleaved=0-1;source=203.0.113.9\r\n\r\n", NULL },
		{ TO_6, "RTSP/1.0 200 OK\r\nCSeq: 5\r\nTransport: RTP/AVP;"
		  "multicast;destination=224.2.0.1;port=3456-3457\r\n\r\n",
		  NULL },
	};
	struct core *c = TALK(NULL, say);

	check_gate46(__func__, c, 5000, 5000, 1, false);
	core_free(c);
}

/* the other way, what a host that speaks IPv6 announces */
static void announce(void)
{
	static const struct say say[] = {
		{ TO_4, "ANNOUNCE " NATIVE " RTSP/1.0\r\nCSeq: 1\r\n"
		  "Content-Type: application/sdp\r\nContent-Length: 86\r\n\r\n"
		  "o=- 0 0 IN IP6 ::1\r\nc=IN IP6 64:ff9b::cb00:7109\r\n"
		  "c=IN IP6 2001:db8::1\r\nc=IN IP6 ::\r\n\r\n",
		  "ANNOUNCE " PLAIN " RTSP/1.0\r\nCSeq: 1\r\n"
		  "Content-Type: application/sdp\r\nContent-Length: 84\r\n\r\n"
		  "o=- 0 0 IN IP6 ::1\r\nc=IN IP4 203.0.113.9\r\n"
		  "c=IN IP6 2001:db8::1\r\nc=IN IP4 0.0.0.0\r\n\r\n" },
		{ TO_4, ASK("RECORD", NATIVE), ASK("RECORD", PLAIN) },
	};

	core_free(TALK(NULL, say));
}

/* a server inside speaks for itself. */
static void inbound(void)
{
	char said[ROOM];
	const struct say say[] = {
		{ TO_6, ASK("DESCRIBE", PLAIN), NULL },
		{ TO_4, said, NULL },
	};

	describe(said, BASE, sdp);
	core_free(TALK(server_inside, say));
}

static const struct test sdp_tests[] = {
	{ "R-17.who-speaks-ipv6", who },
	{ "R-16.content-length", lengths },
	{ "R-17.literals-that-stay", stays },
	{ "R-16.other-bodies", other_bodies },
	{ "R-16.large-bodies", large },
	{ "R-17.headers", headers },
	{ "R-17.transports", transports },
	{ "R-17.announce", announce },
	{ "G-11.server-inside-literals", inbound },
};
SUITE(sdp);
