// SPDX-License-Identifier: GPL-2.0
/* RTSP: what is no RTSP, or lies, passes as it is, and is counted. */
#include "talk.h"

#define HELLO "OPTIONS rtsp://203.0.113.9/ RTSP/1.0\r\nCSeq: 1\r\n\r\n"
#define HELLO_REPLY "RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n"
#define SETUP								\
	"SETUP rtsp://203.0.113.9/ RTSP/1.0\r\nCSeq: 2\r\n"		\
	"Transport: RTP/AVP;unicast;client_port=5000-5001\r\n\r\n"
#define MOVED								\
	"SETUP rtsp://203.0.113.9/ RTSP/1.0\r\nCSeq: 2\r\n"		\
	"Transport: RTP/AVP;unicast;client_port=50000-50001\r\n\r\n"
#define SETUP_REPLY							\
	"RTSP/1.0 200 OK\r\nCSeq: 2\r\nTransport: "			\
	"RTP/AVP;unicast;client_port=5000-5001;server_port=1-2\r\n\r\n"

#define TALK(setup, say)						\
	talk(__func__, &nat64_alg_rtsp, setup, say, ARRAY_SIZE(say))

static void taken(struct core *c)
{
	c->taken[0] = cpu_to_be16(5000);
}

/* SEC-12, R-21: what a client of another protocol says first */
static void not_rtsp_client(void)
{
	static const char *const first[] = {
		"POST / HTTP/1.1\r\nContent-Length: 9999\r\n\r\n",
		"GET /live HTTP/1.0\r\nx-sessioncookie: 1\r\n"
		"Accept: application/x-rtsp-tunnelled\r\n\r\n",
		"\x16\x03\x01\x02", "$", "\r\n$", "RTSP/1.0 200 OK\r\n\r\n",
		"OPTIONS rtsp://203.0.113.9/ RTSP/x\r\n\r\n",
		"OPTIONS rtsp://203.0.113.9/ RTSP/1\r\n\r\n",
		"OPTIONS rtsp://203.0.113.9/ RTSP/1.0 x\r\n\r\n",
		"OPTIONS rtsp://203.0.113.9/ rtsp/1.0\r\n\r\n",
		"OPTIONS rtsp://203.0.113.9/\r\n\r\n",
		"OPTIONS\r\n\r\n", "OPTIONS \r\n\r\n", " OPTIONS * RTSP/1.0\r\n",
		"OPTIONS\t* RTSP/1.0\r\n\r\n", "OPTIONS * RTSP/10000.0\r\n\r\n",
		"PUT_ABCDEFGHIJKLMNOPQRSTUVWXYZ_ABCDEFGH * RTSP/1.0\r\n\r\n",
		"a001 LOGIN x y\r\n", "\x80\x81", "SSH-2.0-x\r\n",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(first); i++) {
		const struct say say[] = {
			{ TO_4, first[i], NULL },
			{ TO_4, SETUP, NULL },
			{ TO_6, SETUP_REPLY, NULL },
		};
		struct core *c = talk(first[i], &nat64_alg_rtsp, taken, say, 3);

		CHECK(c->transparent, "%s", first[i]);
		CHECK_EQ(core_gates_open(c), 0, "%s", first[i]);
		CHECK_EQ(c->count[NAT64_ALG_CNT_ERRORS], 1, "%s", first[i]);
		CHECK_EQ(c->count[NAT64_ALG_CNT_TRANSPARENT], 1, "%s",
			 first[i]);
		core_free(c);
	}
}

/* SEC-12: and what a server says */
static void not_rtsp_server(void)
{
	static const char *const reply[] = {
		"HTTP/1.1 400 Bad Request\r\n\r\n", "220 ready\r\n", "$",
		"RTSP/1.0 20 OK\r\n\r\n", "RTSP/1.0 2000 OK\r\n\r\n",
		"RTSP/1.0 -20 OK\r\n\r\n", "RTSP/1.0\r\n\r\n",
		"RTSP/1.0 200-OK", "RTSP 200 OK\r\n\r\n", "RTSP/1. 200",
		"\x15\x03\x01",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(reply); i++) {
		const struct say say[] = {
			{ TO_4, HELLO, NULL },
			{ TO_6, reply[i], NULL },
			{ TO_4, SETUP, NULL },
			{ TO_6, SETUP_REPLY, NULL },
		};
		struct core *c = talk(reply[i], &nat64_alg_rtsp, taken, say, 4);

		CHECK(c->transparent, "%s", reply[i]);
		core_free(c);
	}
}

/* Lies about the length of a body, and what they lead to */
static void length_lies(void)
{
	static const struct {
		const char *value;
		bool pass;
	} rows[] = {
		{ "-1", false }, { "", false }, { "0x10", false },
		{ "1e3", false }, { "4294967296", false },
		{ "4294967295", false }, { "1073741825", false },
		{ "99999999999999999999999", false }, { "1, 1", false },
		{ "1\r\nContent-Length: 2", false }, { "+0", false },
		{ "0", true }, { "000", true }, { "0\r\nContent-Length: 00",
						  true },
	};
	char said[200];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct say say[] = {
			{ TO_4, said, NULL },
			{ TO_4, SETUP, rows[i].pass ? MOVED : SETUP },
		};
		struct core *c;

		snprintf(said, sizeof(said), "OPTIONS * RTSP/1.0\r\n"
			 "CSeq: 1\r\nContent-Length: %s\r\n\r\n",
			 rows[i].value);
		c = talk(said, &nat64_alg_rtsp, taken, say, 2);
		CHECK(c->transparent != rows[i].pass, "%s", rows[i].value);
		CHECK_EQ(c->count[NAT64_ALG_CNT_ERRORS], !rows[i].pass, "%s",
			 rows[i].value);
		core_free(c);
	}
}

/* A body that was not announced looks like anything; a huge one is skipped. */
static void length_missing(void)
{
	static const struct say missing[] = {
		{ TO_4, HELLO, NULL },
		{ TO_6, "RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\nv=0\r\n", NULL },
		{ TO_4, SETUP, NULL },
	};
	static const struct say huge[] = {
		{ TO_4, "SET_PARAMETER * RTSP/1.0\r\nCSeq: 1\r\n"
		  "Content-Length: 1073741824\r\n\r\n", NULL },
		{ TO_4, SETUP, NULL },
		{ TO_6, SETUP_REPLY, NULL },
	};
	struct core *c = TALK(taken, missing);

	CHECK(c->transparent, "went on");
	CHECK_EQ(core_gates_open(c), 0, "gates");
	core_free(c);
	c = TALK(taken, huge);
	CHECK(!c->transparent, "gave up");
	CHECK_EQ(core_gates_open(c), 0, "gates");
	core_free(c);
}

#define LONG 12000

/* a block of headers without an end, and one that just fits */
static void endless(void)
{
	static const struct {
		u32 len;
		bool fits;
	} rows[] = { { 8000, true }, { 8190, true }, { 8192, true },
		     { 8193, false }, { 11000, false } };
	static char said[LONG + 300], want[LONG + 300];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct say say[] = {
			{ TO_4, said, want },
		};
		u32 fill = rows[i].len - (sizeof(SETUP) - 1);
		struct core *c;

		sprintf(said, "SETUP rtsp://203.0.113.9/ RTSP/1.0\r\n"
			"X: %0*d\r\nCSeq: 2\r\nTransport: RTP/AVP;unicast;"
			"client_port=5000-5001\r\n\r\n", (int)fill - 5, 0);
		CHECK_EQ(strlen(said), rows[i].len, "length");
		strcpy(want, said);
		if (rows[i].fits)
			sprintf(strstr(want, "5000-"), "50000-50001\r\n\r\n");
		c = talk(__func__, &nat64_alg_rtsp, taken, say, 1);
		CHECK(c->transparent != rows[i].fits, "%u", rows[i].len);
		core_free(c);
	}
	memset(want, 'a', LONG);
	memcpy(want, "SETUP rtsp://", 13);
	want[LONG] = 0;
	strcpy(said, want);
	core_free(talk("URL", &nat64_alg_rtsp, NULL,
		       (struct say[]){ { TO_4, said, want } }, 1));
}

/* Alternatives by the hundred: bounded, and those that are mapped are right */
static void many_alternatives(void)
{
	static char said[9000];
	const struct say say[] = { { TO_4, said, NULL } };
	u32 len, i, mapped = 0, moved = 0;
	struct core *c;
	const char *p;

	len = (u32)sprintf(said, "SETUP rtsp://203.0.113.9/ RTSP/1.0\r\n"
			   "CSeq: 2\r\nTransport: ");
	for (i = 0; i < 240; i++)
		len += (u32)sprintf(said + len,
				    "RTP/AVP;client_port=%u-%u,", 1024 + 2 * i,
				    1025 + 2 * i);
	sprintf(said + len, "\r\n\r\n");
	c = mumble(__func__, &nat64_alg_rtsp, NULL, say, 1);
	CHECK_EQ(core_gates_open(c), 32, "pairs");
	CHECK_EQ(c->count[NAT64_ALG_CNT_GATES_REFUSED], 1, "one refusal");
	core_free(c);

	/* The same, as many as there may be, and all of them moved */
	c = core_new(&nat64_alg_rtsp);
	c->fail = 0;
	len = (u32)sprintf(said, "SETUP rtsp://203.0.113.9/ RTSP/1.0\r\n"
			   "CSeq: 2\r\nTransport: ");
	for (i = 0; i < 250; i++)
		len += (u32)sprintf(said + len,
				    "RTP/AVP;client_port=5000-5001,");
	sprintf(said + len, "\r\n\r\n");
	taken(c);
	CHECK(!core_talk(c, (struct core_line[]){ { .dir = TO_4, .data = said,
			 .len = (u32)strlen(said) } }, 1, CORE_WHOLE, 1), "%s",
	      c->error);
	c->out[TO_4].b[c->out[TO_4].len - 1] = 0;
	for (p = (char *)c->out[TO_4].b; (p = strstr(p, "port=5")); p++) {
		mapped += !strncmp(p, "port=50000-50001", 16);
		moved++;
	}
	CHECK_EQ(moved, 250, "alternatives");
	CHECK(mapped >= 60, "only %u of them", mapped);
	CHECK_EQ(core_gates_open(c), 1, "one pair");
	core_free(c);
}

/* another version passes, message by message. */
static void versions(void)
{
	static const struct say say[] = {
		{ TO_4, "SETUP rtsp://203.0.113.9/ RTSP/3.0\r\nCSeq: 2\r\n"
		  "Content-Length: 3\r\n"
		  "Transport: RTP/AVP;unicast;client_port=5000-5001\r\n\r\n$$$",
		  NULL },
		{ TO_4, "SETUP rtsp://203.0.113.9/ RTSP/2.0\r\nCSeq: 2\r\n"
		  "Transport: RTP/AVP;unicast;client_port=5000-5001\r\n\r\n",
		  "SETUP rtsp://203.0.113.9/ RTSP/2.0\r\nCSeq: 2\r\n"
		  "Transport: RTP/AVP;unicast;client_port=50000-50001\r\n\r\n" },
		{ TO_6, "RTSP/12.0 200 OK\r\nCSeq: 2\r\nTransport: "
		  "RTP/AVP;unicast;client_port=50000-50001\r\n\r\n", NULL },
	};
	struct core *c = TALK(taken, say);

	CHECK_EQ(core_gates_open(c), 1, "reserved");
	CHECK_EQ(c->count[NAT64_ALG_CNT_ERRORS], 2, "not understood");
	CHECK(!c->transparent, "gave up");
	core_free(c);
}

/* Headers that are none, and a SETUP that nobody could match */
static void odd_headers(void)
{
	static const struct say say[] = {
		{ TO_4, "SETUP rtsp://203.0.113.9/ RTSP/1.0\r\n"
		  "Transport: RTP/AVP;unicast;client_port=5000-5001\r\n\r\n",
		  NULL },
		{ TO_4, "SETUP rtsp://203.0.113.9/ RTSP/1.0\r\n: x\r\nCSeq\r\n"
		  "nothing here\r\nTransport\r\nTransport:\r\nCSeq: 1\r\n \r\n"
		  "\tTransport: x\r\n\r\n", NULL },
		{ TO_4, "SETUP rtsp://203.0.113.9/ RTSP/1.0\r\n"
		  "Session:\r\nSession: ;;=;timeout;timeout=\r\nCSeq: 2\r\n"
		  "Transport: RTP/AVP;unicast;client_port=5000-5001\r\n\r\n",
		  "SETUP rtsp://203.0.113.9/ RTSP/1.0\r\n"
		  "Session:\r\nSession: ;;=;timeout;timeout=\r\nCSeq: 2\r\n"
		  "Transport: RTP/AVP;unicast;client_port=50000-50001\r\n"
		  "\r\n" },
	};
	struct core *c = TALK(taken, say);

	CHECK_EQ(core_gates_open(c), 1, "reserved");
	CHECK(!c->transparent, "gave up");
	core_free(c);
}

static const struct test hostile_tests[] = {
	{ "SEC-12.rtsp-not-client", not_rtsp_client },
	{ "SEC-12.rtsp-not-server", not_rtsp_server },
	{ "SEC-15.rtsp-length-lies", length_lies },
	{ "SEC-15.rtsp-length-missing", length_missing },
	{ "R-21.headers-without-end", endless },
	{ "SEC-14.rtsp-many-alternatives", many_alternatives },
	{ "R-19.versions", versions },
	{ "R-02.odd-headers", odd_headers },
};
SUITE(hostile);
