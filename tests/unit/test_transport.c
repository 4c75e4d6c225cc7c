// SPDX-License-Identifier: GPL-2.0
/*
 * RTSP's Transport header: as the client sent it, as the server has to see
 * it; as the server answers, as the client has to see it.
 */
#include "talk.h"

#define SETUP(transport)						\
	"SETUP rtsp://203.0.113.9/1 RTSP/1.0\r\nCSeq: 3\r\n"		\
	"Transport: " transport "\r\n\r\n"
#define OK(transport)							\
	"RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession: A\r\n"			\
	"Transport: " transport "\r\n\r\n"

#define ROOM 900

static void set(char *to, const char *form, const char *transport)
{
	snprintf(to, ROOM, form, transport);
}

/* 5000, 5001 and 5003 are taken, pool ports begin at 50000. */
static void taken(struct core *c)
{
	c->taken[0] = cpu_to_be16(5000);
	c->taken[1] = cpu_to_be16(5001);
	c->taken[2] = cpu_to_be16(5003);
	c->taken[3] = cpu_to_be16(65534);
}

/* @want NULL: untouched, and no gate */
struct row {
	const char *row;
	const char *said;
	const char *want;
};

static void requests(const struct row *rows, unsigned int count)
{
	char said[ROOM], want[ROOM];
	unsigned int i;

	for (i = 0; i < count; i++) {
		const struct row *r = &rows[i];
		const struct say say[] = { { TO_4, said, want } };
		struct core *c;

		set(said, SETUP("%s"), r->said);
		set(want, SETUP("%s"), r->want ? r->want : r->said);
		c = talk(r->said, &nat64_alg_rtsp, taken, say, 1);
		CHECK(!c->transparent, "%s: gave up", r->said);
		CHECK(!core_gates_open(c) == !r->want, "%s: %u gates",
		      r->said, core_gates_open(c));
		core_free(c);
	}
}

/* every form that clients write keeps its form. */
static void forms(void)
{
	static const struct row rows[] = {
		{ "R-06", "RTP/AVP;unicast;client_port=5000-5001",
		  "RTP/AVP;unicast;client_port=50000-50001" },
		{ "R-06", "RTP/AVP/UDP;unicast;client_port=5000-5001",
		  "RTP/AVP/UDP;unicast;client_port=50000-50001" },
		{ "R-06", "RTP/AVP;unicast;client_port=5000",
		  "RTP/AVP;unicast;client_port=50000" },
		{ "R-06", "RTP/AVP;unicast;client_port=5001-5002",
		  "RTP/AVP;unicast;client_port=50001-50002" },
		{ "R-06", "RTP/AVP;unicast;client_port=5000-5000",
		  "RTP/AVP;unicast;client_port=50000-50000" },
		{ "R-06", "RTP/AVP;unicast;client_port=5000-5003",
		  "RTP/AVP;unicast;client_port=50000-50001" },
		{ "R-06", "RTP/AVP;unicast;client_port=5003-5000",
		  "RTP/AVP;unicast;client_port=50000-50001" },
		{ "R-06", "RTP/AVP;unicast;client_port=5000/5001",
		  "RTP/AVP;unicast;client_port=50000/50001" },
		{ "R-06", "RTP/AVP;unicast;client_port=05000-05001",
		  "RTP/AVP;unicast;client_port=50000-50001" },
		{ "R-06", "RTP/AVP;unicast;client_port=65534-65535",
		  "RTP/AVP;unicast;client_port=50000-50001" },
		{ "R-06", "RTP/AVP;unicast;client_port=65535",
		  "RTP/AVP;unicast;client_port=65535" },
		{ "R-06", "RTP/AVP;unicast;client_port=6000-6001",
		  "RTP/AVP;unicast;client_port=6000-6001" },
		{ "R-04", " RTP / AVP ; unicast ; client_port = 5000 - 5001 ; "
		  "mode = PLAY ",
		  " RTP / AVP ; unicast ; client_port = 50000 - 50001 ; "
		  "mode = PLAY " },
		{ "R-04", "rtp/avp/udp;UNICAST;Client_Port=5000-5001",
		  "rtp/avp/udp;UNICAST;Client_Port=50000-50001" },
		{ "R-04", "RTP/AVP;client_port=5000-5001",
		  "RTP/AVP;client_port=50000-50001" },
		{ "R-04", "RTP/SAVP;unicast;client_port=5000-5001",
		  "RTP/SAVP;unicast;client_port=50000-50001" },
		{ "R-04", "RTP/SAVPF;unicast;client_port=5000-5001",
		  "RTP/SAVPF;unicast;client_port=50000-50001" },
		{ "R-04", "MP2T/H2221/UDP;unicast;client_port=5000-5001",
		  "MP2T/H2221/UDP;unicast;client_port=50000-50001" },
		{ "R-04", "RAW/RAW/UDP;unicast;client_port=5000",
		  "RAW/RAW/UDP;unicast;client_port=50000" },
		{ "R-04", "x-real-rdt/udp;client_port=5000;mode=play",
		  "x-real-rdt/udp;client_port=50000;mode=play" },
		{ "R-05", "RTP/AVP;unicast;x-a;;client_port=5000-5001;"
		  "mode=\"PLAY,RECORD;x\\\",client_port=1\";append",
		  "RTP/AVP;unicast;x-a;;client_port=50000-50001;"
		  "mode=\"PLAY,RECORD;x\\\",client_port=1\";append" },
		{ "R-05", "RTP/AVP;unicast;client_port=5000-5001;mode=\"PLAY",
		  "RTP/AVP;unicast;client_port=50000-50001;mode=\"PLAY" },
	};

	requests(rows, ARRAY_SIZE(rows));
}

/* all alternatives over UDP, the same ports by the same ones */
static void alternatives(void)
{
	static const struct row rows[] = {
		{ "R-06", "RTP/AVP;unicast;client_port=5000-5001,"
		  "RTP/AVP/UDP;unicast;client_port=5000-5001",
		  "RTP/AVP;unicast;client_port=50000-50001,"
		  "RTP/AVP/UDP;unicast;client_port=50000-50001" },
		{ "R-06", "RTP/AVP;unicast;client_port=5000-5001, "
		  "RTP/AVP/TCP;unicast;interleaved=0-1 ,"
		  "RTP/AVP;unicast;client_port=6000-6001",
		  "RTP/AVP;unicast;client_port=50000-50001, "
		  "RTP/AVP/TCP;unicast;interleaved=0-1 ,"
		  "RTP/AVP;unicast;client_port=6000-6001" },
		{ "R-04", ",,RTP/AVP;unicast;client_port=5000-5001,,",
		  ",,RTP/AVP;unicast;client_port=50000-50001,," },
		{ "R-06", "RTP/AVP;unicast;client_port=5000-5001\r\n"
		  "Transport: RTP/AVP/TCP;unicast\r\n"
		  "Transport: RTP/AVP/UDP;unicast;client_port=5000-5001",
		  "RTP/AVP;unicast;client_port=50000-50001\r\n"
		  "Transport: RTP/AVP/TCP;unicast\r\n"
		  "Transport: RTP/AVP/UDP;unicast;client_port=50000-50001" },
	};

	requests(rows, ARRAY_SIZE(rows));
}

/* SEC-15, SEC-19: untouched, and nothing is opened. */
static void untouched(void)
{
	static const struct row rows[] = {
		{ "R-07", "RTP/AVP/TCP;unicast;interleaved=0-1", NULL },
		{ "R-07", "RTP/AVP/TCP;unicast;client_port=5000-5001", NULL },
		{ "R-07", "RTP/AVP/TCP", NULL },
		{ "R-07", "RTP/AVP;unicast;interleaved=0-1;"
		  "client_port=5000-5001", NULL },
		{ "R-07", "RTP/AVP;multicast;client_port=5000-5001", NULL },
		{ "R-07", "RTP/AVP;multicast;port=5000-5001;ttl=127", NULL },
		{ "R-07", "RTP/AVP", NULL },
		{ "R-05", "RTP/AVP;unicast", NULL },
		{ "R-04", "TCP;unicast;client_port=5000", NULL },
		{ "R-04", "udp;client_port", NULL },
		{ "SEC-15", "RTP/AVP;unicast;client_port=", NULL },
		{ "SEC-15", "RTP/AVP;unicast;client_port=0", NULL },
		{ "SEC-15", "RTP/AVP;unicast;client_port=0-1", NULL },
		{ "SEC-15", "RTP/AVP;unicast;client_port=5000-0", NULL },
		{ "SEC-15", "RTP/AVP;unicast;client_port=65536-65537", NULL },
		{ "SEC-15", "RTP/AVP;unicast;client_port=65535-65536", NULL },
		{ "SEC-15", "RTP/AVP;unicast;client_port=-5000", NULL },
		{ "SEC-15", "RTP/AVP;unicast;client_port=5000-", NULL },
		{ "SEC-15", "RTP/AVP;unicast;client_port=5000-5001-5002",
		  NULL },
		{ "SEC-15", "RTP/AVP;unicast;client_port=005000-005001",
		  NULL },
		{ "SEC-15", "RTP/AVP;unicast;client_port=99999", NULL },
		{ "SEC-15", "RTP/AVP;unicast;client_port=4294972296", NULL },
		{ "SEC-15", "RTP/AVP;unicast;client_port=5000x", NULL },
		{ "SEC-15", "RTP/AVP;unicast;client_port=0x1388", NULL },
		{ "SEC-15", "RTP/AVP;unicast;client_port=\"5000-5001\"",
		  NULL },
		{ "SEC-15", "RTP/AVP;unicast;client_port=5000-5001;"
		  "client_port=6000-6001", NULL },
		{ "SEC-15", "RTP/AVP;unicast;client_port=1023-1024", NULL },
		{ "R-09", "RTP/AVP;unicast;destination=192.0.2.66;"
		  "client_port=5000-5001", NULL },
		{ "SEC-19", "RTP/AVP;unicast;client_port=5000-5001;"
		  "destination=2001:db8:1::6", NULL },
		{ "SEC-19", "RTP/AVP;unicast;client_port=5000-5001;"
		  "destination=victim.example", NULL },
		{ "R-19", "RTP/AVP;unicast;dest_addr=\"192.0.2.66:5000\"/"
		  "\"192.0.2.66:5001\"", NULL },
		{ "R-19", "RTP/AVP;unicast;dest_addr=\":5000\"/\":5001\"/"
		  "\":5002\"", NULL },
		{ "R-19", "RTP/AVP;unicast;dest_addr=\":x\"", NULL },
		{ "R-19", "RTP/AVP;unicast;dest_addr=\"10.0.0.1\"", NULL },
		{ "R-04", "\"RTP/AVP;unicast;client_port=5000-5001", NULL },
		{ "R-04", "", NULL },
		{ "R-04", ";;;,=,;=;", NULL },
	};

	requests(rows, ARRAY_SIZE(rows));
}

/* addresses of its own become the pool address */
static void own_address(void)
{
	static const struct row rows[] = {
		{ "R-09", "RTP/AVP;unicast;destination;client_port=5000-5001",
		  "RTP/AVP;unicast;destination;client_port=50000-50001" },
		{ "R-09", "RTP/AVP;unicast;destination=2001:db8:1::5;"
		  "client_port=5000-5001",
		  "RTP/AVP;unicast;destination=198.51.100.1;"
		  "client_port=50000-50001" },
		{ "R-09", "RTP/AVP;unicast;client_port=5000-5001;"
		  "destination=192.0.0.1",
		  "RTP/AVP;unicast;client_port=50000-50001;"
		  "destination=198.51.100.1" },
		{ "R-09", "RTP/AVP;unicast;destination=192.168.1.7;"
		  "source=192.168.1.8;client_port=5000-5001",
		  "RTP/AVP;unicast;destination=198.51.100.1;"
		  "source=192.168.1.8;client_port=50000-50001" },
		{ "R-09", "RTP/AVP;unicast;destination=0.0.0.0;"
		  "client_port=5000-5001",
		  "RTP/AVP;unicast;destination=0.0.0.0;"
		  "client_port=50000-50001" },
		{ "R-09", "RTP/AVP;unicast;destination=198.51.100.1;"
		  "client_port=5000-5001",
		  "RTP/AVP;unicast;destination=198.51.100.1;"
		  "client_port=50000-50001" },
		{ "R-19", "RTP/AVP;unicast;dest_addr=\":5000\"/\":5001\"",
		  "RTP/AVP;unicast;dest_addr=\":50000\"/\":50001\"" },
		{ "R-19", "RTP/AVP/UDP;unicast;dest_addr=\"[2001:DB8:1::5]:"
		  "5000\"/\"[2001:db8:1:0::5]:5001\";mode=\"PLAY\"",
		  "RTP/AVP/UDP;unicast;dest_addr=\"198.51.100.1:50000\"/"
		  "\"198.51.100.1:50001\";mode=\"PLAY\"" },
		{ "R-19", "RTP/AVP/UDP;unicast;dest_addr=\":5000\";RTCP-mux",
		  "RTP/AVP/UDP;unicast;dest_addr=\":50000\";RTCP-mux" },
	};

	requests(rows, ARRAY_SIZE(rows));
}

/*
 * What a server that was asked for 50000-50001 answers, what the client has
 * to see, and the port from which each gate lets it come; -1: there is none
 */
static const struct {
	const char *row;
	const char *said;
	const char *want;
	int rtp;
	int rtcp;
} vec_reply[] = {
	{ "R-08", "RTP/AVP;unicast;client_port=50000-50001;server_port=1-2;"
	  "ssrc=0AFFE123;mode=\"PLAY\"",
	  "RTP/AVP;unicast;client_port=5000-5001;server_port=1-2;"
	  "ssrc=0AFFE123;mode=\"PLAY\"", 1, 2 },
	{ "R-08", "RTP/AVP/UDP;unicast;server_port=1-2;"
	  "client_port=50000-50001",
	  "RTP/AVP/UDP;unicast;server_port=1-2;client_port=5000-5001", 1, 2 },
	{ "R-09", "RTP/AVP;unicast;client_port=50000-50001",
	  "RTP/AVP;unicast;client_port=5000-5001", 0, 0 },
	{ "R-09", "RTP/AVP;unicast;client_port=50000-50001;server_port=7",
	  "RTP/AVP;unicast;client_port=5000-5001;server_port=7", 7, 0 },
	{ "R-09", "RTP/AVP;unicast;client_port=50000-50001;server_port=x",
	  "RTP/AVP;unicast;client_port=5000-5001;server_port=x", 0, 0 },
	{ "SEC-15", "RTP/AVP;unicast;client_port=50000-50001;"
	  "server_port=65536-1",
	  "RTP/AVP;unicast;client_port=5000-5001;server_port=65536-1", 0, 0 },
	{ "SEC-19", "RTP/AVP;unicast;destination=198.51.100.1;"
	  "source=192.0.2.7;client_port=50000-50001;server_port=1-2",
	  "RTP/AVP;unicast;destination=198.51.100.1;source=192.0.2.7;"
	  "client_port=5000-5001;server_port=1-2", 1, 2 },
	{ "R-08", "RTP/AVP;unicast;client_port=50000;server_port=1",
	  "RTP/AVP;unicast;client_port=5000;server_port=1", 1, 0 },
	{ "R-08", "RTP/AVP;unicast;server_port=1-2",
	  "RTP/AVP;unicast;server_port=1-2", 1, 2 },
	{ "R-19", "RTP/AVP;unicast;dest_addr=\":50000\"/\":50001\";"
	  "src_addr=\"203.0.113.9:1\"/\"203.0.113.9:2\"",
	  "RTP/AVP;unicast;dest_addr=\":5000\"/\":5001\";"
	  "src_addr=\"203.0.113.9:1\"/\"203.0.113.9:2\"", 1, 2 },
	{ "R-08", "RTP/AVP/TCP;unicast;interleaved=0-1", NULL, -1, -1 },
	{ "R-08", "RTP/AVP/TCP;unicast;client_port=50000-50001", NULL, -1,
	  -1 },
	{ "R-08", "RTP/AVP;multicast;destination=224.2.0.1;port=50000-50001",
	  NULL, -1, -1 },
	{ "R-08", "RTP/AVP;unicast;client_port=50002-50003;server_port=1-2",
	  NULL, -1, -1 },
	{ "R-08", "RTP/AVP;unicast;client_port=5000-5001;server_port=1-2",
	  NULL, -1, -1 },
	{ "SEC-15", "RTP/AVP;unicast;client_port=50000-70000", NULL, -1, -1 },
	{ "R-08", "", NULL, -1, -1 },
};

static void reply_gate(const struct core *c, const char *what, u16 port,
		       int remote)
{
	if (remote >= 0) {
		check_gate46(what, c, port, port + 45000, (u16)remote, false);
		check_gate64(what, c, port, (u16)remote);
		return;
	}
	CHECK(!core_gate(c, IPPROTO_UDP, TO_6, port), "%s", what);
	CHECK(!core_gate(c, IPPROTO_UDP, TO_4, port), "%s", what);
}

static void replies(void)
{
	char said[ROOM], want[ROOM];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vec_reply); i++) {
		const char *what = vec_reply[i].said;
		const struct say say[] = {
			{ TO_4, SETUP("RTP/AVP;unicast;client_port=5000-5001"),
			  SETUP("RTP/AVP;unicast;client_port=50000-50001") },
			{ TO_6, said, want },
		};
		struct core *c;

		set(said, OK("%s"), what);
		set(want, OK("%s"),
		    vec_reply[i].want ? vec_reply[i].want : what);
		c = talk(what, &nat64_alg_rtsp, taken, say, 2);
		reply_gate(c, what, 5000, vec_reply[i].rtp);
		reply_gate(c, what, 5001, vec_reply[i].rtcp);
		CHECK(!c->transparent, "%s", what);
		core_free(c);
	}
}

/* the alternatives that were not chosen give their ports back. */
static void choice(void)
{
	static const struct say say[] = {
		{ TO_4, SETUP("RTP/AVP;unicast;client_port=6000-6001,"
			      "RTP/AVP;unicast;client_port=6002-6003,"
			      "RTP/AVP;unicast;client_port=6004"), NULL },
		{ TO_6, OK("RTP/AVP;unicast;client_port=6002-6003;"
			   "server_port=1-2"), NULL },
	};
	static const struct say unnamed[] = {
		{ TO_4, SETUP("RTP/AVP;unicast;client_port=6000-6001,"
			      "RTP/AVP;unicast;client_port=6002-6003"), NULL },
		{ TO_6, OK("RTP/AVP;unicast;server_port=1-2"), NULL },
	};
	struct core *c = talk(__func__, &nat64_alg_rtsp, NULL, say, 2);

	CHECK_EQ(core_gates_open(c), 4, "of the one");
	check_gate46(__func__, c, 6002, 6002, 1, false);
	core_free(c);
	c = talk(__func__, &nat64_alg_rtsp, NULL, unnamed, 2);
	CHECK_EQ(core_gates_open(c), 0, "nobody knows which");
	core_free(c);
}

static void no_pairs(struct core *c)
{
	taken(c);
	c->fail = -EADDRINUSE;
	c->fail_flags = NAT64_GATE_PAIR;
}

/* S-41: where no pair is to be had two ports will do, or the one. */
static void no_pair(void)
{
	static const struct say pair[] = {
		{ TO_4, SETUP("RTP/AVP;unicast;client_port=5000-5001"),
		  SETUP("RTP/AVP;unicast;client_port=50000-50001") },
		{ TO_6, OK("RTP/AVP;unicast;client_port=50000-50001;"
			   "server_port=1-2"),
		  OK("RTP/AVP;unicast;client_port=5000-5001;"
		     "server_port=1-2") },
	};
	static const struct say single[] = {
		{ TO_4, SETUP("RTP/AVP;unicast;client_port=5000"),
		  SETUP("RTP/AVP;unicast;client_port=50000") },
		{ TO_6, OK("RTP/AVP;unicast;client_port=50000;"
			   "server_port=1-2"),
		  OK("RTP/AVP;unicast;client_port=5000;server_port=1-2") },
	};
	struct core *c = talk(__func__, &nat64_alg_rtsp, no_pairs, pair, 2);

	CHECK_EQ(core_gates_open(c), 4, "two ports");
	check_gate46(__func__, c, 5001, 50001, 2, false);
	core_free(c);
	c = talk(__func__, &nat64_alg_rtsp, no_pairs, single, 2);
	CHECK_EQ(core_gates_open(c), 2, "one port");
	check_gate46(__func__, c, 5000, 50000, 1, false);
	core_free(c);
}

static const struct test transport_tests[] = {
	{ "R-04.forms", forms },
	{ "R-06.alternatives", alternatives },
	{ "R-07.untouched", untouched },
	{ "R-09.own-address", own_address },
	{ "R-08.replies", replies },
	{ "R-08.choice", choice },
	{ "S-41.no-pair", no_pair },
};
SUITE(transport);
