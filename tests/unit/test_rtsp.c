// SPDX-License-Identifier: GPL-2.0
/*
 * RTSP: what arrives, and which gates there are, row by row. The client of
 * core.h asks 203.0.113.9 and has 198.51.100.1 as its pool address.
 */
#include "talk.h"

#define URL4 "rtsp://203.0.113.9/live"
#define URLN "rtsp://cam.example/live"

#define SETUP_AT(cseq, url, transport)					\
	"SETUP " url " RTSP/1.0\r\nCSeq: " cseq "\r\n"			\
	"Transport: " transport "\r\n\r\n"
#define SETUP(cseq, transport) SETUP_AT(cseq, URL4 "/1", transport)
#define REPLY(status, cseq, more)					\
	"RTSP/1.0 " status "\r\nCSeq: " cseq "\r\n" more "\r\n"
#define OK(cseq, session, transport)					\
	REPLY("200 OK", cseq, "Session: " session "\r\n"		\
	      "Transport: " transport "\r\n")
#define ASK(method, cseq, session)					\
	method " " URL4 " RTSP/1.0\r\nCSeq: " cseq "\r\n"		\
	"Session: " session "\r\n\r\n"

#define UDP(ports) "RTP/AVP;unicast;client_port=" ports
#define UDP_REPLY(ports, server) UDP(ports) ";server_port=" server

#define TALK(setup, say)						\
	talk(__func__, &nat64_alg_rtsp, setup, say, ARRAY_SIZE(say))
#define MUMBLE(setup, say)						\
	mumble(__func__, &nat64_alg_rtsp, setup, say, ARRAY_SIZE(say))
#define GATE46(c, port, mapped, remote)					\
	check_gate46(__func__, c, port, mapped, remote, false)
#define RESERVED(c, port, mapped)					\
	check_gate46(__func__, c, port, mapped, 0, true)
#define GATE64(c, port, remote)						\
	check_gate64(__func__, c, port, remote)

/* Ports of the examples are taken, so that pool ports begin at 50000. */
static void taken(struct core *c)
{
	c->taken[0] = cpu_to_be16(5000);
	c->taken[1] = cpu_to_be16(5001);
	c->taken[2] = cpu_to_be16(5002);
	c->taken[3] = cpu_to_be16(5003);
	c->taken[4] = cpu_to_be16(7001);
}

/* S-30 to S-36, S-41: the dialogue of the specification */
static void specification(void)
{
	static const struct say say[] = {
		{ TO_4, SETUP("3", UDP("5000-5001")),
		  SETUP("3", UDP("50000-50001")) },
		{ TO_6, OK("3", "abc", UDP_REPLY("50000-50001", "6970-6971")),
		  OK("3", "abc", UDP_REPLY("5000-5001", "6970-6971")) },
	};
	struct core *c = TALK(taken, say);

	GATE46(c, 5000, 50000, 6970);
	GATE46(c, 5001, 50001, 6971);
	GATE64(c, 5000, 6970);
	GATE64(c, 5001, 6971);
	CHECK_EQ(core_gates_open(c), 4, "gates");
	CHECK_EQ(c->count[NAT64_ALG_CNT_MESSAGES], 2, "messages");
	CHECK_EQ(c->count[NAT64_ALG_CNT_ERRORS], 0, "errors");
	core_free(c);
}

/* S-32, S-40: before the reply there is a mapping, and nobody may come. */
static void reserved_only(void)
{
	static const struct say say[] = {
		{ TO_4, SETUP("3", UDP("5000-5001")), NULL },
	};
	struct core *c = TALK(NULL, say);

	RESERVED(c, 5000, 5000);
	CHECK_EQ(core_gates_open(c), 1, "the pair");
	CHECK(c->gate[0].spec.flags & NAT64_GATE_PAIR, "a pair");
	CHECK_EQ(c->count[NAT64_ALG_CNT_REWRITES], 0, "same numbers");
	core_free(c);
}

/* S-31: no octet but the ports, whatever else the message says */
static void all_else(void)
{
	static const struct say say[] = {
		{ TO_4,
		  "SETUP rtsp://203.0.113.9:554/a?client_port=5000-5001 "
		  "RTSP/1.0\r\nCSeq: 3\r\nUser-Agent: 203.0.113.9\r\n"
		  "X: client_port=5000-5001\r\ntRANSPORT :\tRTP/AVP;unicast;"
		  "client_port=5000-5001;x=\"client_port=5000\";mode=PLAY\r\n"
		  "\r\n",
		  "SETUP rtsp://203.0.113.9:554/a?client_port=5000-5001 "
		  "RTSP/1.0\r\nCSeq: 3\r\nUser-Agent: 203.0.113.9\r\n"
		  "X: client_port=5000-5001\r\ntRANSPORT :\tRTP/AVP;unicast;"
		  "client_port=50000-50001;x=\"client_port=5000\";mode=PLAY\r\n"
		  "\r\n" },
	};

	core_free(TALK(taken, say));
}

/* three kinds of line ends, folded lines, any case, three at once */
static void line_ends(void)
{
	static const struct say say[] = {
		{ TO_4, "\r\nSETUP " URL4 " RTSP/1.0\ncseq:3\n"
		  "transport:" UDP("5000-5001") "\n\n"
		  "SETUP " URL4 "/2 RTSP/1.0\rCSEQ: 4\r"
		  "TRANSPORT: " UDP("5002-5003") "\r\r"
		  "SETUP " URL4 "/3 RTSP/1.0\r\nCSeq:\r\n 5\r\nTransport:\r\n\t"
		  "RTP/AVP;unicast\r\n ;client_port=7000\r\n -\r\n 7001\r\n"
		  "\r\n",
		  "\r\nSETUP " URL4 " RTSP/1.0\ncseq:3\n"
		  "transport:" UDP("50000-50001") "\n\n"
		  "SETUP " URL4 "/2 RTSP/1.0\rCSEQ: 4\r"
		  "TRANSPORT: " UDP("50002-50003") "\r\r"
		  "SETUP " URL4 "/3 RTSP/1.0\r\nCSeq:\r\n 5\r\nTransport:\r\n\t"
		  "RTP/AVP;unicast\r\n ;client_port=50004\r\n -\r\n 50005\r\n"
		  "\r\n" },
		{ TO_6, "RTSP/1.0 200 OK\nCSeq: 4\nSession: a\n"
		  "Transport: " UDP_REPLY("50002-50003", "2-3") "\n\n"
		  "RTSP/1.0 200 OK\rCSeq: 5\rSession: a\r"
		  "Transport: " UDP_REPLY("50004-50005", "4-5") "\r\r",
		  "RTSP/1.0 200 OK\nCSeq: 4\nSession: a\n"
		  "Transport: " UDP_REPLY("5002-5003", "2-3") "\n\n"
		  "RTSP/1.0 200 OK\rCSeq: 5\rSession: a\r"
		  "Transport: " UDP_REPLY("7000-7001", "4-5") "\r\r" },
	};
	struct core *c = TALK(taken, say);

	RESERVED(c, 5000, 50000);
	GATE46(c, 5002, 50002, 2);
	GATE46(c, 7001, 50005, 5);
	CHECK_EQ(c->count[NAT64_ALG_CNT_MESSAGES], 5, "messages");
	core_free(c);
}

/* the server asks as well; each direction has its own CSeq. */
static void both_ask(void)
{
	static const struct say say[] = {
		{ TO_4, SETUP("3", UDP("5000-5001")), NULL },
		{ TO_6, "OPTIONS * RTSP/1.0\r\nCSeq: 3\r\n\r\n", NULL },
		{ TO_4, REPLY("200 OK", "3", ""), NULL },
		{ TO_6, OK("3", "abc", UDP_REPLY("5000-5001", "6970-6971")), NULL },
		{ TO_6, "SET_PARAMETER " URL4 " RTSP/1.0\r\nCSeq: 4\r\n"
		  "Content-Length: 12\r\n\r\nSETUP x RTSP", NULL },
		{ TO_4, REPLY("200 OK", "4", ""), NULL },
	};
	struct core *c = TALK(NULL, say);

	GATE46(c, 5001, 5001, 6971);
	CHECK_EQ(c->count[NAT64_ALG_CNT_MESSAGES], 6, "messages");
	CHECK(!c->transparent, "gave up");
	core_free(c);
}

/* bodies pass by their length, whatever is in them. */
static void bodies(void)
{
	static const struct say say[] = {
		{ TO_4, "ANNOUNCE " URL4 " RTSP/1.0\r\nCSeq: 1\r\n"
		  "Content-Length: 59\r\n\r\n"
		  "SETUP x RTSP/1.0\r\nTransport: RTP/AVP;client_port=5000\r\n"
		  "\r\n\r\n", NULL },
		{ TO_6, REPLY("200 OK", "1", "Content-Length: 0\r\n"), NULL },
		{ TO_4, SETUP("2", UDP("5000-5001")),
		  SETUP("2", UDP("50000-50001")) },
	};
	struct core *c = TALK(taken, say);

	CHECK_EQ(core_gates_open(c), 1, "of the SETUP only");
	CHECK_EQ(c->count[NAT64_ALG_CNT_MESSAGES], 3, "messages");
	core_free(c);
}

/* octets of frames are never taken for a message. */
static void frames(void)
{
	static const u8 odd[] = {
		'$', 0, 0, 4, 'S', 'E', 'T', 'U', '$', 1, 0, 0, '$', 0, 0, 1,
		'$', '$', '$', 0, 3, 'P', '\r', '\n',
	};
	static u8 big[4 + 65535 + sizeof(odd)] = { '$', 7, 0xff, 0xff };
	static const char first[] = "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n";
	static const char reply[] = "RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n";
	static const char last[] = SETUP("2", UDP("5000-5001"));
	const struct core_line line[] = {
		CORE_64(first), CORE_46(reply),
		{ .dir = TO_6, .data = odd, .len = sizeof(odd) },
		{ .dir = TO_4, .data = odd, .len = sizeof(odd) },
		{ .dir = TO_6, .data = big, .len = sizeof(big) },
		CORE_64(last), CORE_46(reply),
	};
	struct core *c = core_new(&nat64_alg_rtsp);
	const char *error;

	memset(big + 4, '$', 65535);
	memcpy(big + 4 + 65535, odd, sizeof(odd));
	error = core_everyway(&nat64_alg_rtsp, taken, line, ARRAY_SIZE(line),
			      3);
	CHECK(!error, "%s", error);
	taken(c);
	error = core_talk(c, line, ARRAY_SIZE(line), CORE_WHOLE, 1);
	CHECK(!error, "%s", error);
	CHECK_EQ(c->count[NAT64_ALG_CNT_MESSAGES], 4, "messages");
	CHECK_EQ(c->out[TO_4].len, sizeof(first) - 1 + sizeof(odd) +
		 sizeof(last) - 1 + 2, "two digits more");
	CHECK_EQ(c->stream[TO_6].edits, 0, "nothing held");
	CHECK(!c->transparent, "gave up");
	core_free(c);
}

/* a gate waits as long as the session lasts, at least as set. */
static void lifetime(void)
{
	static const struct {
		const char *reply;
		u32 ms;
	} rows[] = {
		{ OK("3", "a;timeout=10", UDP_REPLY("5000-5001", "1-2")),
		  60000 },
		{ OK("3", "a ; timeout = 90 ", UDP_REPLY("5000-5001", "1-2")),
		  90000 },
		{ OK("3", "a;x=y;TIMEOUT=61;z", UDP_REPLY("5000-5001", "1-2")),
		  61000 },
		{ OK("3", "a", UDP_REPLY("5000-5001", "1-2")), 60000 },
		{ OK("3", "a;timeout=4294967295",
		     UDP_REPLY("5000-5001", "1-2")), 3600000 },
		{ OK("3", "a;timeout=99999999999",
		     UDP_REPLY("5000-5001", "1-2")), 60000 },
		{ OK("3", "a;timeout=-1", UDP_REPLY("5000-5001", "1-2")),
		  60000 },
	};
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct say say[] = {
			{ TO_4, SETUP("3", UDP("5000-5001")), NULL },
			{ TO_6, rows[i].reply, NULL },
		};
		struct core *c = TALK(NULL, say);

		CHECK_EQ(core_gates_open(c), 4, "%u", i);
		for (k = 0; k < c->gates; k++)
			CHECK_EQ(c->gate[k].spec.lifetime, rows[i].ms, "%u",
				 i);
		core_free(c);
	}
}

#define TWO_SESSIONS							\
	{ TO_4, SETUP_AT("1", URL4 "/a", UDP("5000-5001")), NULL },		\
	{ TO_6, OK("1", "A", UDP_REPLY("5000-5001", "1-2")), NULL },		\
	{ TO_4, SETUP_AT("2", URL4 "/b", UDP("5002-5003")), NULL },		\
	{ TO_6, OK("2", "A", UDP_REPLY("5002-5003", "3-4")), NULL },		\
	{ TO_4, SETUP_AT("3", URL4 "/a", UDP("6000-6001")), NULL },		\
	{ TO_6, OK("3", "B;timeout=60", UDP_REPLY("6000-6001", "5-6")), NULL }

/* TEARDOWN ends its session, or one medium of it, if it succeeds. */
static void teardown(void)
{
	static const struct {
		const char *ask;
		const char *reply;
		bool left[3];
	} rows[] = {
		{ ASK("TEARDOWN", "9", "A"), REPLY("200 OK", "9", ""),
		  { false, false, true } },
		{ ASK("TEARDOWN", "9", " B ;timeout=60"),
		  REPLY("200 OK", "9", "Session: B\r\n"),
		  { true, true, false } },
		{ ASK("TEARDOWN", "9", "A"), REPLY("454 No", "9", ""),
		  { false, false, true } },
		{ ASK("TEARDOWN", "9", "A"), REPLY("500 No", "9", ""),
		  { true, true, true } },
		{ ASK("TEARDOWN", "9", "A"), REPLY("200 OK", "8", ""),
		  { true, true, true } },
		{ ASK("TEARDOWN", "9", "A"), REPLY("100 Wait", "9", ""),
		  { true, true, true } },
		{ ASK("TEARDOWN", "9", "C"), REPLY("200 OK", "9", ""),
		  { true, true, true } },
		{ "TEARDOWN " URL4 "/b RTSP/1.0\r\nCSeq: 9\r\nSession: A\r\n"
		  "\r\n", REPLY("200 OK", "9", ""), { true, false, true } },
		{ ASK("PAUSE", "9", "A"), REPLY("200 OK", "9", ""),
		  { true, true, true } },
	};
	static const u16 port[] = { 5000, 5002, 6000 };
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct say say[] = {
			TWO_SESSIONS,
			{ TO_4, rows[i].ask, NULL },
			{ TO_6, rows[i].reply, NULL },
		};
		struct core *c = TALK(NULL, say);

		for (k = 0; k < ARRAY_SIZE(port); k++) {
			bool rtp = core_gate(c, IPPROTO_UDP, TO_6, port[k]);
			bool out = core_gate(c, IPPROTO_UDP, TO_4, port[k]);
			bool rtcp = core_gate(c, IPPROTO_UDP, TO_6,
					      port[k] + 1);

			CHECK(rtp == rows[i].left[k], "%u %u", i, k);
			CHECK(out == rows[i].left[k], "%u %u", i, k);
			CHECK(rtcp == rows[i].left[k], "%u %u", i, k);
		}
		core_free(c);
	}
}

/* an error gives the ports back, but not those of an earlier SETUP. */
static void errors_free(void)
{
	static const char *const status[] = {
		"400 Bad", "404 No", "454 No", "459 No", "461 No", "500 No",
		"302 Elsewhere", "999 ?",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(status); i++) {
		char reply[200];
		const struct say say[] = {
			{ TO_4, SETUP("3", UDP("5000-5001")),
			  SETUP("3", UDP("50000-50001")) },
			{ TO_6, reply, NULL },
		};
		const struct say again[] = {
			{ TO_4, SETUP("2", UDP("5000-5001")), NULL },
			{ TO_6, OK("2", "A", UDP_REPLY("5000-5001", "1-2")), NULL },
			{ TO_4, SETUP("3", UDP("5000-5001")), NULL },
			{ TO_6, reply, NULL },
		};
		struct core *c;

		snprintf(reply, sizeof(reply), "RTSP/1.0 %s\r\nCSeq: 3\r\n\r\n",
			 status[i]);
		c = TALK(taken, say);
		CHECK_EQ(core_gates_open(c), 0, "%s", status[i]);
		core_free(c);
		c = TALK(NULL, again);
		CHECK_EQ(core_gates_open(c), 4, "%s", status[i]);
		GATE46(c, 5000, 5000, 1);
		core_free(c);
	}
}

/* the same medium set up again, elsewhere or over TCP */
static void again_elsewhere(void)
{
	static const struct say say[] = {
		{ TO_4, SETUP("2", UDP("5000-5001")), NULL },
		{ TO_6, OK("2", "A", UDP_REPLY("5000-5001", "1-2")), NULL },
		{ TO_4, SETUP("3", UDP("5002-5003")), NULL },
		{ TO_6, OK("3", "A", UDP_REPLY("5002-5003", "1-2")), NULL },
	};
	static const struct say tcp[] = {
		{ TO_4, SETUP("2", UDP("5000-5001")), NULL },
		{ TO_6, OK("2", "A", UDP_REPLY("5000-5001", "1-2")), NULL },
		{ TO_4, SETUP("3", "RTP/AVP/TCP;unicast;interleaved=0-1"), NULL },
		{ TO_6, OK("3", "A", "RTP/AVP/TCP;unicast;interleaved=0-1"), NULL },
	};
	struct core *c = TALK(NULL, say);

	CHECK_EQ(core_gates_open(c), 4, "of the second");
	GATE46(c, 5002, 5002, 1);
	core_free(c);
	c = TALK(NULL, tcp);
	CHECK_EQ(core_gates_open(c), 0, "none");
	core_free(c);
}

/* only the reply with the number of the SETUP opens anything. */
static void cseq_decides(void)
{
	static const char *const replies[] = {
		OK("4", "A", UDP_REPLY("50000-50001", "1-2")),
		OK("03x", "A", UDP_REPLY("50000-50001", "1-2")),
		OK("4294967299", "A", UDP_REPLY("50000-50001", "1-2")),
		OK("-3", "A", UDP_REPLY("50000-50001", "1-2")),
		OK("3\r\nCSeq: 4", "A", UDP_REPLY("50000-50001", "1-2")),
		OK("4\r\nCSeq: 3", "A", UDP_REPLY("50000-50001", "1-2")),
		"RTSP/1.0 200 OK\r\nTransport: "
		UDP_REPLY("50000-50001", "1-2") "\r\n\r\n",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(replies); i++) {
		const struct say say[] = {
			{ TO_4, SETUP("3", UDP("5000-5001")), NULL },
			{ TO_6, replies[i], NULL },
		};
		struct core *c = MUMBLE(taken, say);

		CHECK_EQ(core_gates_open(c), 1, "%s", replies[i]);
		RESERVED(c, 5000, 50000);
		CHECK(strstr((char *)c->out[TO_6].b, "port=5000-5001"),
		      "%s: not mapped back", replies[i]);
		core_free(c);
	}
}

/* R-13, G-10: a SETUP that is sent again has the same answer. */
static void setup_again(void)
{
	static const struct say say[] = {
		{ TO_4, SETUP("3", UDP("5000-5001")),
		  SETUP("3", UDP("50000-50001")) },
		{ TO_4, SETUP("3", UDP("5000-5001")),
		  SETUP("3", UDP("50000-50001")) },
		{ TO_4, SETUP("4", UDP("5000-5001")),
		  SETUP("4", UDP("50000-50001")) },
		{ TO_6, OK("4", "A", UDP_REPLY("50000-50001", "1-2")),
		  OK("4", "A", UDP_REPLY("5000-5001", "1-2")) },
		{ TO_4, SETUP("5", UDP("5000-5001")),
		  SETUP("5", UDP("50000-50001")) },
	};
	struct core *c = TALK(taken, say);

	GATE46(c, 5000, 50000, 1);
	GATE64(c, 5001, 2);
	CHECK_EQ(c->count[NAT64_ALG_CNT_GATES_OPENED], 4, "opened");
	core_free(c);
}

/* More requests than are remembered: what is forgotten is given back. */
static void many_requests(void)
{
	static char text[40][160];
	struct say say[41];
	struct core *c;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(text); i++) {
		snprintf(text[i], sizeof(text[i]), SETUP("%u", UDP("%u-%u")),
			 i, 20000 + 2 * i, 20001 + 2 * i);
		say[i] = (struct say){ TO_4, text[i], NULL };
	}
	say[40] = (struct say){ TO_6, OK("0", "A", UDP_REPLY("20000-20001",
							     "1-2")), NULL };
	c = talk(__func__, &nat64_alg_rtsp, NULL, say, 41);
	CHECK_EQ(core_gates_open(c), 32, "reserved");
	CHECK(!core_gate(c, IPPROTO_UDP, TO_6, 20000), "the first");
	RESERVED(c, 20078, 20078);
	core_free(c);
}

/* G-09: 32 pairs that are in use are all there are. */
static void many_media(void)
{
	static char text[66][260];
	struct say say[66];
	struct core *c;
	unsigned int i;

	for (i = 0; i < 33; i++) {
		unsigned int port = 20000 + 2 * i;

		snprintf(text[2 * i], sizeof(text[0]),
			 SETUP_AT("%u", URL4 "/%u", UDP("%u-%u")), i, i, port,
			 port + 1);
		snprintf(text[2 * i + 1], sizeof(text[0]),
			 OK("%u", "A", UDP_REPLY("%u-%u", "1-2")), i, port,
			 port + 1);
		say[2 * i] = (struct say){ TO_4, text[2 * i], NULL };
		say[2 * i + 1] = (struct say){ TO_6, text[2 * i + 1], NULL };
	}
	c = talk(__func__, &nat64_alg_rtsp, NULL, say, 66);
	CHECK_EQ(core_gates_open(c), 128, "gates");
	CHECK_EQ(c->count[NAT64_ALG_CNT_GATES_REFUSED], 1, "refused");
	CHECK(!core_gate(c, IPPROTO_UDP, TO_6, 20064), "the last");
	core_free(c);
}

static void refuse(struct core *c)
{
	c->fail = -ENOMEM;
}

static void no_pairs(struct core *c)
{
	taken(c);
	c->fail = -EADDRINUSE;
}

/* G-06: without a mapping the message passes as it is. */
static void refused(void)
{
	static const struct say say[] = {
		{ TO_4, SETUP("3", UDP("5000-5001")), NULL },
		{ TO_6, OK("3", "A", UDP_REPLY("5000-5001", "1-2")), NULL },
		{ TO_4, ASK("TEARDOWN", "4", "A"), NULL },
		{ TO_6, REPLY("200 OK", "4", ""), NULL },
	};
	static const struct say low[] = {
		{ TO_4, SETUP("3", UDP("1022-1023")), NULL },
		{ TO_6, OK("3", "A", UDP_REPLY("1022-1023", "1-2")), NULL },
	};
	struct core *c = TALK(refuse, say);

	CHECK_EQ(core_gates_open(c), 0, "gates");
	CHECK_EQ(c->count[NAT64_ALG_CNT_GATES_REFUSED], 1, "refused");
	core_free(c);
	c = TALK(no_pairs, say);
	CHECK_EQ(core_gates_open(c), 0, "gates");
	core_free(c);
	c = TALK(NULL, low);
	CHECK_EQ(core_gates_open(c), 0, "low ports");
	core_free(c);
}

/* the client sends, the server's RTCP needs the gate. */
static void record(void)
{
#define PUSH ";mode=\"RECORD\""
	static const struct say say[] = {
		{ TO_4, "ANNOUNCE " URL4 " RTSP/1.0\r\nCSeq: 1\r\n"
		  "Content-Type: application/sdp\r\nContent-Length: 24\r\n\r\n"
		  "v=0\r\nc=IN IP4 10.0.0.1\r\n", NULL },
		{ TO_6, REPLY("200 OK", "1", ""), NULL },
		{ TO_4, SETUP("2", UDP("5000-5001") PUSH),
		  SETUP("2", UDP("50000-50001") PUSH) },
		{ TO_6, OK("2", "A", UDP_REPLY("50000-50001", "1-2") PUSH),
		  OK("2", "A", UDP_REPLY("5000-5001", "1-2") PUSH) },
		{ TO_4, ASK("RECORD", "3", "A"), NULL },
	};
	struct core *c = TALK(taken, say);

	GATE64(c, 5000, 1);
	GATE46(c, 5001, 50001, 2);
	core_free(c);
}

/* each of the four is there, and none stands for another. */
static void independent(void)
{
	static const struct say say[] = {
		{ TO_4, SETUP("2", UDP("5000-5001")), NULL },
		{ TO_6, OK("2", "A", UDP_REPLY("5000-5001", "1-9")), NULL },
	};
	struct core *c = TALK(NULL, say);

	CHECK_EQ(core_gates_open(c), 4, "gates");
	GATE46(c, 5000, 5000, 1);
	GATE46(c, 5001, 5001, 9);
	GATE64(c, 5000, 1);
	GATE64(c, 5001, 9);
	core_free(c);
}

static void media_any(struct core *c)
{
	c->ctx.options |= NAT64_ALG_OPT_RTSP_ANY;
}

/* by option the media come from where they like. */
static void media_from_any(void)
{
	static const struct say say[] = {
		{ TO_4, SETUP("2", UDP("5000-5001")), NULL },
		{ TO_6, OK("2", "A", UDP_REPLY("5000-5001", "1-2")
			   ";source=192.0.2.77"), NULL },
	};
	const struct nat64_gate_spec *g;
	struct core *c = TALK(media_any, say);

	g = core_gate(c, IPPROTO_UDP, TO_6, 5000);
	CHECK(g && !g->remote, "anybody");
	g = core_gate(c, IPPROTO_UDP, TO_4, 5001);
	CHECK(g && g->remote == cpu_to_be32(0xc000024d), "its source");
	core_free(c);
	c = TALK(NULL, say);
	GATE46(c, 5000, 5000, 1);
	GATE64(c, 5000, 1);
	core_free(c);
}

static void server_inside(struct core *c)
{
	c->ctx.inbound = true;
	c->taken[0] = cpu_to_be16(6970);
}

#define INSIDE								\
	{ TO_6, SETUP("2", UDP("5000-5001") ";destination=10.0.0.1"), NULL },	\
	{ TO_4, OK("2", "A", UDP_REPLY("5000-5001", "6970-6971")	\
		   ";source=2001:db8:1::5"),				\
	  OK("2", "A", UDP_REPLY("5000-5001", "50000-50001")		\
	     ";source=198.51.100.1") }

/* G-11: the server is the IPv6 end, its ports are what is mapped. */
static void inbound(void)
{
	static const struct say say[] = {
		INSIDE,
		{ TO_6, ASK("PLAY", "3", "A"), NULL },
	};
	static const struct say end[] = {
		INSIDE,
		{ TO_6, ASK("TEARDOWN", "3", "A"), NULL },
		{ TO_4, REPLY("200 OK", "3", ""), NULL },
	};
	struct core *c = TALK(server_inside, say);

	GATE46(c, 6970, 50000, 5000);
	GATE46(c, 6971, 50001, 5001);
	GATE64(c, 6970, 5000);
	GATE64(c, 6971, 5001);
	core_free(c);
	c = TALK(server_inside, end);
	CHECK_EQ(core_gates_open(c), 0, "gates");
	core_free(c);
}

static const struct test rtsp_tests[] = {
	{ "S-30.setup-and-reply", specification },
	{ "S-32.reserved-not-open", reserved_only },
	{ "S-31.all-else-untouched", all_else },
	{ "R-02.line-ends", line_ends },
	{ "R-02.server-asks", both_ask },
	{ "R-16.bodies-by-length", bodies },
	{ "R-03.frames", frames },
	{ "R-14.lifetime", lifetime },
	{ "R-11.teardown", teardown },
	{ "R-12.error-frees", errors_free },
	{ "R-12.set-up-again", again_elsewhere },
	{ "R-13.cseq-decides", cseq_decides },
	{ "G-10.setup-repeated", setup_again },
	{ "R-13.many-requests", many_requests },
	{ "G-09.many-media", many_media },
	{ "G-06.refused", refused },
	{ "R-18.record", record },
	{ "R-22.independent-gates", independent },
	{ "R-09.media-from-any", media_from_any },
	{ "G-11.server-inside", inbound },
};
SUITE(rtsp);
