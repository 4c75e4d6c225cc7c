// SPDX-License-Identifier: GPL-2.0
/*
 * FTP dialogues. Each is a table of what the ends say and, where that differs,
 * of what the other one hears; it is carried whole, octet by octet and in
 * random ways over a bad network, and must give the same octets, gates and
 * counters each time.
 */
#include "core.h"
#include "ktap.h"

#define RANDOM_WAYS 5
#define LINES_MAX 256

struct row {
	bool server;
	const char *said;
	u32 said_len;
	const char *heard;
	u32 heard_len;
};

/* The client or the server says it, and the other end hears it so. */
#define C(s) { false, s, sizeof(s) - 1, s, sizeof(s) - 1 }
#define S(s) { true, s, sizeof(s) - 1, s, sizeof(s) - 1 }
/* It hears something else. */
#define CX(s, h) { false, s, sizeof(s) - 1, h, sizeof(h) - 1 }
#define SX(s, h) { true, s, sizeof(s) - 1, h, sizeof(h) - 1 }

#define HELLO S("220 ready\r\n")
/* What the first mapped port looks like in a PORT, and the next ones */
#define MAPPED(n) "198,51,100,1,195," #n

static u32 options;
static bool inbound, labelled;
static int fail;
static u16 server_port;

static void defaults(void)
{
	server_port = 21;
	options = NAT64_ALG_OPT_FTP_EPSV | NAT64_ALG_OPT_FTP_EPRT4;
	inbound = false;
	labelled = false;
	fail = 0;
}

static void setup(struct core *c)
{
	c->ctx.options = options;
	c->ctx.inbound = inbound;
	c->ctx.labelled = labelled;
	c->ctx.remote_port = cpu_to_be16(server_port);
	c->fail = fail;
}

static void expect(struct core *c, const struct row *rows, u32 count)
{
	static u8 want[2][1 << 20];
	u32 len[2] = { 0, 0 }, i;

	for (i = 0; i < count; i++) {
		enum nat64_dir d = rows[i].server == inbound ? NAT64_DIR_64 :
							       NAT64_DIR_46;

		memcpy(want[d] + len[d], rows[i].heard, rows[i].heard_len);
		len[d] += rows[i].heard_len;
	}
	CHECK_BYTES("to the IPv6 side", c->out[0].b, c->out[0].len, want[0],
		    len[0]);
	CHECK_BYTES("to the IPv4 side", c->out[1].b, c->out[1].len, want[1],
		    len[1]);
}

/* The connection after the dialogue; to be freed */
static struct core *play(const struct row *rows, u32 count)
{
	struct core *c = core_new(&nat64_alg_ftp);
	struct core_line lines[LINES_MAX];
	const char *err;
	u32 i;

	for (i = 0; i < count; i++)
		lines[i] = (struct core_line){
			.dir = rows[i].server == inbound ? NAT64_DIR_64 :
							   NAT64_DIR_46,
			.data = rows[i].said,
			.len = rows[i].said_len,
		};
	err = core_everyway(&nat64_alg_ftp, setup, lines, count, RANDOM_WAYS);
	CHECK(!err, "%s", err);
	setup(c);
	err = core_talk(c, lines, count, CORE_WHOLE, 1);
	CHECK(!err, "%s", err);
	expect(c, rows, count);
	return c;
}

#define PLAY(...) play((const struct row[]){ __VA_ARGS__ },		\
		       ARRAY_SIZE(((const struct row[]){ __VA_ARGS__ })))
/* A dialogue of which only the octets count */
#define SAY(...) core_free(PLAY(__VA_ARGS__))

static u32 counted(const struct core *c, enum nat64_alg_counter n)
{
	return c->count[n];
}

#define GATES(c, all, now) do {						\
	CHECK_EQ((c)->gates, all, "gates");				\
	CHECK_EQ(core_gates_open(c), now, "open gates");		\
} while (0)

/* Every gate is for an end of this connection (SEC-11). */
static void own(const struct core *c)
{
	u32 i;

	for (i = 0; i < c->gates; i++) {
		const struct nat64_gate_spec *g = &c->gate[i].spec;

		CHECK_EQ(g->proto, IPPROTO_TCP, "gate %u", i);
		CHECK_EQ(be32_to_cpu(g->remote), CORE_REMOTE4, "gate %u", i);
		CHECK_EQ(g->lifetime, 60000, "gate %u", i);
		CHECK_EQ(g->flags, 0, "gate %u", i);
	}
}

static void gate46(const struct core *c, u32 i, u16 port, u16 remote_port,
		   u16 mapped)
{
	const struct nat64_gate_spec *g = &c->gate[i].spec;

	own(c);
	CHECK(i < c->gates, "gate %u of %u", i, c->gates);
	CHECK_EQ(g->dir, NAT64_DIR_46, "gate %u", i);
	CHECK_EQ(be16_to_cpu(g->client_port), port, "gate %u", i);
	CHECK_EQ(be16_to_cpu(g->remote_port), remote_port, "gate %u", i);
	CHECK_EQ(be16_to_cpu(g->mapped), mapped, "gate %u", i);
}

static void gate64(const struct core *c, u32 i, u16 remote_port)
{
	const struct nat64_gate_spec *g = &c->gate[i].spec;

	own(c);
	CHECK(i < c->gates, "gate %u of %u", i, c->gates);
	CHECK_EQ(g->dir, NAT64_DIR_64, "gate %u", i);
	CHECK_EQ(be16_to_cpu(g->client_port), 0, "gate %u", i);
	CHECK_EQ(be16_to_cpu(g->remote_port), remote_port, "gate %u", i);
}

/* S: what the user's specification says, for clients behind a CLAT */

static void s_pasv(void)
{
	struct core *c;

	defaults();
	c = PLAY(HELLO, C("USER a\r\n"), S("331 ?\r\n"), C("PASS b\r\n"),
		 S("230 in\r\n"), C("PASV\r\n"),
		 S("227 Entering Passive Mode (203,0,113,9,19,137).\r\n"),
		 C("RETR x\r\n"), S("150 here\r\n226 done\r\n"));
	CHECK_EQ(counted(c, NAT64_ALG_CNT_REWRITES), 0, "rewrites");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 0, "errors");
	CHECK(!c->transparent, "transparent");
	core_free(c);
}

/* Client, any port -> server, the port that it said; not before it said it */
static void s_pasv_gate(void)
{
	struct core *c;

	defaults();
	c = PLAY(HELLO, C("PASV\r\n"));
	GATES(c, 0, 0);
	core_free(c);
	c = PLAY(HELLO, C("PASV\r\n"),
		 S("227 Entering Passive Mode (203,0,113,9,19,137).\r\n"));
	GATES(c, 1, 1);
	gate64(c, 0, 5001);
	core_free(c);
}

static void s_port(void)
{
	struct core *c;

	defaults();
	c = PLAY(HELLO, CX("PORT 192,168,1,2,195,149\r\n",
			   "PORT " MAPPED(80) "\r\n"),
		 S("200 PORT command successful\r\n"), C("LIST\r\n"),
		 S("150 here\r\n226 done\r\n"));
	CHECK_EQ(counted(c, NAT64_ALG_CNT_REWRITES), 1, "rewrites");
	core_free(c);
}

/* Server, any port or 20 -> pool address, mapped port (client, its port) */
static void s_port_gate(void)
{
	struct core *c;

	defaults();
	c = PLAY(HELLO, CX("PORT 192,168,1,2,195,149\r\n",
			   "PORT " MAPPED(80) "\r\n"));
	GATES(c, 1, 1);
	gate46(c, 0, 50069, 0, 50000);
	core_free(c);

	options |= NAT64_ALG_OPT_FTP_PORT20;
	c = PLAY(HELLO, CX("PORT 192,168,1,2,195,149\r\n",
			   "PORT " MAPPED(80) "\r\n"));
	gate46(c, 0, 50069, 20, 50000);
	core_free(c);
}

/* Only the octets that have to change do, whatever surrounds them. */
static void s_minimal(void)
{
	struct core *c;

	defaults();
	SAY(HELLO, CX("  pOrT \t 1 ,2,3, 4,004,210  \t\n",
		      "  pOrT \t " MAPPED(80) "  \t\n"),
	    S("200 ok\n"),
	    CX("eprt  |1|10.0.0.1|1235| \r\n",
	       "eprt  |1|198.51.100.1|50001| \r\n"),
	    S("200 ok\r\n"), CX(" epsv  2 \n", " PASV\n"),
	    SX("227 =9,9,9,9,4,1 \t\n",
	       "229 Entering Extended Passive Mode (|||1025|)\n"));
	/* What is right already is not an edit. */
	c = PLAY(HELLO, C("PORT " MAPPED(80) "\r\n"));
	CHECK_EQ(counted(c, NAT64_ALG_CNT_REWRITES), 0, "rewrites");
	GATES(c, 1, 1);
	core_free(c);
}

/* Whatever it looks like, the 227 stays, and the gate is for its port. */
static void s_227(void)
{
	struct core *c;

	defaults();
	c = PLAY(HELLO, C("PASV\r\n"),
		 S("227 Entering Passive Mode. 203,0,113,9,4,1\r\n"),
		 C("pasv\n"), S("227 Port 5 =203,0,113,9,4,2\n"),
		 C("PASV\r\n"), S("227 (203, 0, 113, 9, 004, 0003 )\r\n"),
		 C("PASV\r\n"),
		 S("227-Wait (x)\r\n(203,0,113,9,4,4)\r\n227-\r\n"
		   "227 and (203,0,113,9,4,9)\r\n"),
		 C("PASV\r\n"),
		 S("227 (256,0,0,1,2,3) (203,0,113,9,4,5)\r\n"),
		 C("PASV\r\n"), S("227 Logout.\r\n"), C("PASV\r\n"),
		 S("502 no\r\n"), C("PASV\r\n"),
		 S("227-a\r\n227-b\r\n227 c\r\n"), C("PASV\r\n"),
		 S("227-(203,0,113,9,4,7)\r\n(203,0,113,9,4,8)\r\n227 c\r\n"),
		 C("NOOP\r\n"),
		 S("200 ok\r\n"), S("227 (203,0,113,9,4,6)\r\n"));
	GATES(c, 6, 1);
	gate64(c, 0, 1025);
	gate64(c, 1, 1026);
	gate64(c, 2, 1027);
	gate64(c, 3, 1028);
	gate64(c, 4, 1029);
	gate64(c, 5, 1031);
	CHECK_EQ(counted(c, NAT64_ALG_CNT_REWRITES), 0, "rewrites");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 2, "errors");
	core_free(c);
}

/* FT: RFC 6384 */

static void epsv_to_pasv(void)
{
	struct core *c;

	defaults();
	c = PLAY(HELLO, CX("EPSV\r\n", "PASV\r\n"),
		 SX("227 Entering Passive Mode (203,0,113,9,19,137).\r\n",
		    "229 Entering Extended Passive Mode (|||5001|)\r\n"),
		 C("RETR x\r\n"), S("150 here\r\n226 done\r\n"),
		 CX("EPSV 2\r\n", "PASV\r\n"),
		 SX("227 (203,0,113,9,255,255)\r\n",
		    "229 Entering Extended Passive Mode (|||65535|)\r\n"),
		 CX("epsv 002  \r\n", "PASV\r\n"),
		 SX("227 203,0,113,9,0,1\r\n",
		    "229 Entering Extended Passive Mode (|||1|)\r\n"),
		 C("EPSV foo\r\n"), S("501 what?\r\n"), C("EPSV -2\r\n"),
		 S("501 what?\r\n"), C("EPSV 2 2\r\n"), S("501 what?\r\n"));
	GATES(c, 3, 0);
	gate64(c, 0, 5001);
	gate64(c, 1, 65535);
	gate64(c, 2, 1);
	CHECK_EQ(counted(c, NAT64_ALG_CNT_REWRITES), 6, "rewrites");
	core_free(c);
}

static void epsv_several_lines(void)
{
	struct core *c;

	defaults();
	c = PLAY(HELLO, CX("EPSV\r\n", "PASV\r\n"),
		 SX("227-Listen\r\n 226 not yet\r\n227-(1,2,3,4,5,6)\r\n\r\n"
		    "227 OK\r\n",
		    "229 Entering Extended Passive Mode (|||1286|)\r\n"),
		 CX("EPSV\r\n", "PASV\r\n"),
		 SX("227-1,2,3,4,5,7\r\n227\r\n",
		    "229 Entering Extended Passive Mode (|||1287|)\r\n"),
		 CX("EPSV\r\n", "PASV\r\n"),
		 S("227-no\r\n227-port\r\n227 today\r\n"), C("NOOP\r\n"),
		 S("200 ok\r\n"));
	GATES(c, 2, 0);
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 1, "errors");
	CHECK(!c->transparent, "transparent");
	core_free(c);
}

static void epsv_off(void)
{
	struct core *c;

	defaults();
	options = 0;
	c = PLAY(HELLO, C("EPSV\r\n"),
		 S("229 Entering Extended Passive Mode (|||6446|)\r\n"),
		 C("EPSV ALL\r\n"), S("200 ok\r\n"), C("EPSV 1\r\n"),
		 S("229-Wait\r\n229 ok (!!!6447!)\r\n"), C("EPSV 2\r\n"),
		 S("229 no port\r\n"), C("EPSV\r\n"), S("500 what?\r\n"));
	GATES(c, 2, 0);
	gate64(c, 0, 6446);
	gate64(c, 1, 6447);
	CHECK_EQ(counted(c, NAT64_ALG_CNT_REWRITES), 0, "rewrites");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 1, "errors");
	core_free(c);
}

static void pasv_address_ignored(void)
{
	struct core *c;

	defaults();
	c = PLAY(HELLO, CX("EPSV\r\n", "PASV\r\n"),
		 SX("227 Entering Passive Mode (10,0,0,1,19,137).\r\n",
		    "229 Entering Extended Passive Mode (|||5001|)\r\n"),
		 C("PASV\r\n"),
		 S("227 Entering Passive Mode (0,0,0,0,19,138).\r\n"));
	GATES(c, 2, 1);
	gate64(c, 0, 5001);
	gate64(c, 1, 5002);
	core_free(c);
}

#define NOT_SUPPORTED "522 Network protocol not supported, use (2)\r\n"

static void epsv_other_family(void)
{
	struct core *c;

	defaults();
	c = PLAY(HELLO, CX("EPSV 1\r\n", "NOOP\r\n"),
		 SX("200 fine\r\n", NOT_SUPPORTED),
		 CX("EPSV 0\r\n", "NOOP\r\n"),
		 SX("200-fine\r\n really\r\n200 fine\r\n", NOT_SUPPORTED),
		 CX("EPSV 3\r\n", "NOOP\r\n"), SX("200\r\n", NOT_SUPPORTED),
		 CX("EPSV 99999999999\r\n", "NOOP\r\n"),
		 SX("200\n", "522 Network protocol not supported, use (2)\n"));
	GATES(c, 0, 0);
	CHECK_EQ(counted(c, NAT64_ALG_CNT_REWRITES), 8, "rewrites");
	core_free(c);

	/* IPv4 is what the client behind a CLAT speaks. */
	c = PLAY(HELLO, CX("PORT 10,0,0,1,8,0\r\n",
			   "PORT " MAPPED(80) "\r\n"),
		 S("200 ok\r\n"), CX("EPSV 1\r\n", "PASV\r\n"),
		 SX("227 (203,0,113,9,19,137)\r\n",
		    "229 Entering Extended Passive Mode (|||5001|)\r\n"),
		 CX("EPSV 3\r\n", "NOOP\r\n"), SX("200 \r\n", NOT_SUPPORTED));
	core_free(c);

	/* A flow label is none of a CLAT. */
	labelled = true;
	SAY(HELLO, CX("PORT 10,0,0,1,8,0\r\n", "PORT " MAPPED(80) "\r\n"),
	    S("200 ok\r\n"), CX("EPSV 1\r\n", "NOOP\r\n"),
	    SX("200 ok\r\n", NOT_SUPPORTED));
}

#define NO_ALL "504 EPSV ALL not supported\r\n"

static void epsv_all(void)
{
	struct core *c;

	defaults();
	c = PLAY(HELLO, CX("EPSV ALL\r\n", "NOOP\r\n"),
		 SX("200 NOOP ok\r\n", NO_ALL),
		 CX("  epsv  all  \n", "  NOOP\n"),
		 SX("200 NOOP ok\r\n", NO_ALL),
		 CX("EPSV\r\n", "PASV\r\n"),
		 SX("227 (203,0,113,9,19,137)\r\n",
		    "229 Entering Extended Passive Mode (|||5001|)\r\n"),
		 C("EPSV ALLES\r\n"), S("501 what?\r\n"));
	GATES(c, 1, 0);
	core_free(c);
}

static void pasv_refused(void)
{
	struct core *c;

	defaults();
	c = PLAY(HELLO, CX("EPSV\r\n", "PASV\r\n"), S("502 no PASV\r\n"),
		 CX("EPSV\r\n", "PASV\r\n"), S("425-no\r\n425 port\r\n"),
		 CX("EPSV\r\n", "PASV\r\n"), S("227 somewhere\r\n"),
		 CX("EPSV\r\n", "PASV\r\n"), S("227 (1,2,3,4,5)\r\n"),
		 CX("EPSV\r\n", "PASV\r\n"), S("227 (1,2,3,4,5,256)\r\n"),
		 CX("EPSV\r\n", "PASV\r\n"), S("227 (1,2,3,4,0,0)\r\n"),
		 CX("EPSV\r\n", "PASV\r\n"), S("227 (1,2,3,4,5,6,7)\r\n"),
		 CX("EPSV\r\n", "PASV\r\n"), S("227 (-1,2,3,4,5,6)\r\n"),
		 C("QUIT\r\n"), S("227 Logout.\r\n"));
	GATES(c, 0, 0);
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 6, "errors");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_TRANSPARENT), 0, "transparent");
	core_free(c);

	/* Nobody asked. */
	c = PLAY(HELLO, C("USER x\r\n"), S("227 (1,2,3,4,5,6)\r\n"),
		 S("227 (1,2,3,4,5,6)\r\n"), S("229 (|||6|)\r\n"));
	GATES(c, 0, 0);
	core_free(c);
}

static void eprt_to_port(void)
{
	struct core *c;

	defaults();
	c = PLAY(HELLO,
		 CX("EPRT |2|2001:db8:1::5|5282|\r\n",
		    "PORT " MAPPED(80) "\r\n"),
		 S("200 PORT ok\r\n"), C("RETR x\r\n"),
		 S("150 here\r\n226 done\r\n"),
		 CX("eprt !2!2001:DB8:1:0:0:0:0.0.0.5!65535!\n",
		    "PORT " MAPPED(81) "\n"),
		 S("200 PORT ok\r\n"));
	GATES(c, 2, 1);
	gate46(c, 0, 5282, 0, 50000);
	gate46(c, 1, 65535, 0, 50001);
	core_free(c);
}

static void eprt_of_others(void)
{
	struct core *c;

	defaults();
	c = PLAY(HELLO, C("EPRT |2|2001:db8:1::6|5282|\r\n"),
		 S("522 no\r\n"), C("EPRT |2|::ffff:1.2.3.4|5282|\r\n"),
		 S("522 no\r\n"), C("EPRT |2|64:ff9b::cb00:7109|5282|\r\n"),
		 S("522 no\r\n"));
	GATES(c, 0, 0);
	CHECK_EQ(counted(c, NAT64_ALG_CNT_GATES_REFUSED), 3, "refused");
	core_free(c);
}

static void eprt_ipv4(void)
{
	struct core *c;

	defaults();
	c = PLAY(HELLO,
		 CX("EPRT |1|10.0.0.1|5282|\r\n",
		    "EPRT |1|198.51.100.1|50000|\r\n"),
		 S("200 EPRT ok\r\n"),
		 CX("EPRT a1a10.0.0.1a5283a\r\n",
		    "EPRT a1a198.51.100.1a50001a\r\n"),
		 S("200 EPRT ok\r\n"), C("EPRT .1.10.0.0.1.5282.\r\n"),
		 S("501 no\r\n"), C("EPRT 91910.0.0.195282 9\r\n"),
		 S("501 no\r\n"), C("EPRT 91910.0.0.1952829\r\n"),
		 S("501 no\r\n"));
	GATES(c, 2, 1);
	gate46(c, 0, 5282, 0, 50000);
	gate46(c, 1, 5283, 0, 50001);
	core_free(c);

	options &= ~(u32)NAT64_ALG_OPT_FTP_EPRT4;
	c = PLAY(HELLO, C("EPRT |1|10.0.0.1|5282|\r\n"), S("522 no\r\n"),
		 CX("PORT 10,0,0,1,20,162\r\n", "PORT " MAPPED(80) "\r\n"),
		 S("200 ok\r\n"));
	GATES(c, 1, 1);
	core_free(c);
}

static void eprt_syntax(void)
{
	struct core *c;

	defaults();
	c = PLAY(HELLO, C("EPRT |3|10.0.0.1|5282|\r\n"),
		 S("522 use (1)\r\n"), C("EPRT |2|2001:db8:1::5|0|\r\n"),
		 S("501 what?\r\n"), C("EPRT |2|2001:db8:1::5|65536|\r\n"),
		 S("501 what?\r\n"), C("EPRT |2|2001:db8:1::5|99999999999|\r\n"),
		 S("501 what?\r\n"), C("EPRT |2|2001:db8:1::5|-5|\r\n"),
		 S("501 what?\r\n"), C("EPRT |2|2001:db8:1::5|5282\r\n"),
		 S("501 what?\r\n"), C("EPRT |2|2001:db8:1::5|5282| x\r\n"),
		 S("501 what?\r\n"), C("EPRT |2|2001:db8:1::5|5282||\r\n"),
		 S("501 what?\r\n"), C("EPRT |2||5282|\r\n"),
		 S("501 what?\r\n"), C("EPRT |1||5282|\r\n"),
		 S("501 what?\r\n"), C("EPRT |1|10.0.0|5282|\r\n"),
		 S("501 what?\r\n"), C("EPRT |02|2001:db8:1::5|5282|\r\n"),
		 S("501 what?\r\n"), C("EPRT\r\n"), S("501 what?\r\n"),
		 C("EPRT |\r\n"), S("501 what?\r\n"), C("EPRT \x7f" "1\r\n"),
		 S("501 what?\r\n"));
	GATES(c, 0, 0);
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 15, "errors");
	CHECK(!c->transparent, "transparent");
	core_free(c);
}

static void port_syntax(void)
{
	struct core *c;

	defaults();
	c = PLAY(HELLO, C("PORT 1,2,3,4,5\r\n"), S("501 what?\r\n"),
		 C("PORT 1,2,3,4,256,1\r\n"), S("501 what?\r\n"),
		 C("PORT 1,2,3,4,5,6,7\r\n"), S("501 what?\r\n"),
		 C("PORT 1,2,3,4,-5,6\r\n"), S("501 what?\r\n"),
		 C("PORT 1,2,3,4,0,0\r\n"), S("501 what?\r\n"),
		 C("PORT 1.2.3.4,5,6\r\n"), S("501 what?\r\n"),
		 C("PORT (1,2,3,4,5,6)\r\n"), S("501 what?\r\n"),
		 C("PORT 1,2,3,4,99999999999,6\r\n"), S("501 what?\r\n"),
		 C("PORT 1,2,3,4,5,6x\r\n"), S("501 what?\r\n"),
		 C("PORT\r\n"), S("501 what?\r\n"),
		 CX("PORT 001,02,3,4,0000008,000\r\n",
		    "PORT " MAPPED(80) "\r\n"),
		 S("200 ok\r\n"));
	GATES(c, 1, 1);
	gate46(c, 0, 2048, 0, 50000);
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 10, "errors");
	core_free(c);
}

/* Nothing but the default data port depends on the server's port. */
static void other_port(void)
{
	struct core *c;

	defaults();
	server_port = 2121;
	c = PLAY(HELLO, C("RETR x\r\n"), S("150 here\r\n226 done\r\n"),
		 CX("PORT 10,0,0,1,8,0\r\n", "PORT " MAPPED(81) "\r\n"),
		 S("200 ok\r\n"));
	GATES(c, 2, 1);
	gate46(c, 0, CORE_CLIENT_PORT, 2120, 50000);
	gate46(c, 1, 2048, 0, 50001);
	core_free(c);
}

/* RFC 6384 8 */
static void default_port(void)
{
	struct core *c;

	defaults();
	c = PLAY(HELLO, C("RETR x\r\n"), S("150 here\r\n226 done\r\n"),
		 C("STOR x\r\n"), S("150 here\r\n226 done\r\n"));
	GATES(c, 1, 1);
	gate46(c, 0, CORE_CLIENT_PORT, 20, 50000);
	core_free(c);

	c = PLAY(HELLO, C("RETR x\r\n"), S("150 here\r\n226 done\r\n"),
		 C("PASV\r\n"), S("227 (1,2,3,4,5,6)\r\n"), C("RETR y\r\n"),
		 S("150 here\r\n226 done\r\n"));
	GATES(c, 2, 1);
	gate64(c, 1, 1286);
	core_free(c);
}

static void mix(void)
{
	struct core *c;

	defaults();
	c = PLAY(HELLO,
		 CX("PORT 10,0,0,1,8,0\r\n", "PORT " MAPPED(80) "\r\n"),
		 S("200 ok\r\n"), C("PASV\r\n"), S("227 (1,2,3,4,5,6)\r\n"),
		 CX("EPRT |2|2001:db8:1::5|2049|\r\n",
		    "PORT " MAPPED(81) "\r\n"),
		 S("200 ok\r\n"), CX("EPSV\r\n", "PASV\r\n"),
		 SX("227 (1,2,3,4,5,7)\r\n",
		    "229 Entering Extended Passive Mode (|||1287|)\r\n"));
	GATES(c, 4, 1);
	gate64(c, 3, 1287);
	core_free(c);
}

static void untouched(void)
{
	struct core *c;

	defaults();
	c = PLAY(S("220-Hello\r\n227 Entering Passive Mode (1,2,3,4,5,6)\r\n"
		   "200 PORT\r\n220 ready\r\n"),
		 C("USER PORT 1,2,3,4,5,6\r\n"),
		 S("331 PORT 1,2,3,4,5,6\r\n"), C("PASS EPSV\r\n"),
		 S("230-(|||12|)\r\n230 227 (1,2,3,4,5,6)\r\n"),
		 C("SYST\r\n"), S("215 UNIX\r\n"), C("FEAT\r\n"),
		 S("211-Features\r\n EPSV\r\n PASV\r\n211 End\r\n"),
		 C("CWD PASV\r\n"), S("250 ok\r\n"), C("RNFR a\r\n"),
		 S("350 go on\r\n"), C("RNTO EPRT |1|1.2.3.4|5|\r\n"),
		 S("250 ok\r\n"), C("REST 1\r\n"), S("350 ok\r\n"),
		 C("X\x33" "FOO 1\r\n"), S("500 what?\r\n"),
		 C("HELP\r\n"), S("214-\r\n229 (|||7|)\r\n214 .\r\n"),
		 C("QUIT\r\n"), S("221-1\r\n221-2\r\n221 Bye\r\n"));
	GATES(c, 0, 0);
	CHECK_EQ(counted(c, NAT64_ALG_CNT_REWRITES), 0, "rewrites");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 0, "errors");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_MESSAGES), 11 + 12, "messages");
	CHECK(!c->transparent, "transparent");
	core_free(c);
}

static void lprt(void)
{
	struct core *c;

	defaults();
	c = PLAY(HELLO,
		 C("LPRT 6,16,32,1,13,184,0,1,0,0,0,0,0,0,0,0,0,5,2,20,162\r\n"),
		 S("521 no\r\n"), C("LPSV\r\n"),
		 S("228 Entering Long Passive Mode (4,4,1,2,3,4,2,5,6)\r\n"));
	GATES(c, 0, 0);
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 0, "errors");
	core_free(c);
}

static void lines(void)
{
	defaults();
	/* LF only, lower case, several in a segment, replies likewise */
	SAY(S("220-\n220\n"), C("user a\nnoop\n"), S("331 a\n200 b\n"),
	    CX("noop\nepsv\nnoop\nport 1,2,3,4,8,0\r\n",
	       "noop\nPASV\nnoop\nport " MAPPED(80) "\r\n"),
	    SX("200 a\n227 (1,2,3,4,8,1)\n200 b\r\n200 c\n",
	       "200 a\n229 Entering Extended Passive Mode (|||2049|)\n"
	       "200 b\r\n200 c\n"));
	/* A CR that is not before the LF is text. */
	SAY(HELLO, CX("EPSV\n", "PASV\n"),
	    SX("227 (1,2,3,4,8,1)\rx\n",
	       "229 Entering Extended Passive Mode (|||2049|)\n"));
	/* Empty lines, answered or not */
	SAY(HELLO, C("\r\n"), C("\n  \r\n"), S("\r\n"), S("500 what?\r\n"),
	    CX("EPSV\r\n", "PASV\r\n"),
	    SX("227 (1,2,3,4,8,1)\r\n",
	       "229 Entering Extended Passive Mode (|||2049|)\r\n"));
}

#define IAC "\xff"
#define IP "\xf4"
#define DM "\xf2"
#define NOP "\xf1"
#define WILL "\xfb"
#define WONT "\xfc"
#define DO "\xfd"
#define DONT "\xfe"

#define MANY IAC DO "1" IAC DO "2" IAC DO "3" IAC DO "4"		\
	IAC DO "5" IAC DO "6" IAC DO "7" IAC DO "8"
#define MANY_REFUSED IAC WONT "1" IAC WONT "2" IAC WONT "3" IAC WONT "4" \
	IAC WONT "5" IAC WONT "6" IAC WONT "7" IAC WONT "8"

static void telnet_refused(void)
{
	struct core *c;

	defaults();
	/* Inside a command, LF as the option included */
	c = PLAY(HELLO, CX("US" IAC DO "\x01" "ER a" IAC WILL "\n\r\n",
			   "USER a\r\n"),
		 SX("331 ?\r\n", IAC WONT "\x01" IAC DONT "\n331 ?\r\n"),
		 CX(IAC DO "\x05" IAC WILL "\x06" "NOOP\r\n", "NOOP\r\n"),
		 SX("200 ok\r\n",
		    IAC WONT "\x05" IAC DONT "\x06" "200 ok\r\n"));
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 0, "errors");
	core_free(c);
	/* Asked by the server; in and around what is rewritten */
	SAY(SX(IAC DO "\x18" "220 hi\r\n", "220 hi\r\n"),
	    CX("EP" IAC NOP "SV\r\n", IAC WONT "\x18" "PASV\r\n"),
	    SX("227 (1,2,3,4," IAC WILL "\x03" "8,1)\r\n",
	       "229 Entering Extended Passive Mode (|||2049|)\r\n"),
	    CX("PORT 1,2," IAC DO "\x01" "3,4,8,0\r\n",
	       IAC DONT "\x03" "PORT " MAPPED(80) "\r\n"),
	    SX("200 ok\r\n", IAC WONT "\x01" "200 ok\r\n"));
	/* Answers are none of our business. */
	SAY(HELLO, C(IAC WONT "\x01" IAC DONT "\x02" "NO" IAC WONT "\x03"
		     "OP\r\n"), S("200 ok\r\n"));
	/* An octet 255 of a file name, escaped or not */
	SAY(HELLO, C("RETR a" IAC IAC WILL "b" IAC "c\r\n"),
	    S("150 \xff\xff\r\n226\r\n"));
	/* The option may look like the end of the line. */
	SAY(HELLO, CX("NOOP" IAC DO "\r\n", "NOOP\n"),
	    SX("200 ok\n", IAC WONT "\r200 ok\n"));
	/* Any number, if they are together; else as many as a call may edit */
	SAY(HELLO, CX("NO" MANY MANY "OP\r\n", "NOOP\r\n"),
	    SX("200\r\n", MANY_REFUSED "200\r\n"));
	c = PLAY(HELLO, CX("A" IAC DO "1B" IAC DO "2C" IAC DO "3D" IAC DO "4E"
			   IAC DO "5F" IAC DO "6G" IAC DO "7H" IAC DO "8I"
			   IAC DO "9J\r\n", "ABCDEFGHI" IAC DO "9J\r\n"),
		 C("PORT 1,2,3,4,8,0\r\n"));
	CHECK(c->transparent, "transparent");
	core_free(c);
}

static void telnet_abort(void)
{
	struct core *c;

	defaults();
	c = PLAY(HELLO, C("PASV\r\n"), S("227 (1,2,3,4,8,1)\r\n"),
		 C("RETR x\r\n"), S("150 here\r\n"),
		 C(IAC IP IAC DM "ABOR\r\n"), S("426 cut\r\n226 done\r\n"),
		 CX("EPSV\r\n", "PASV\r\n"),
		 SX("227 (1,2,3,4,8,1)\r\n",
		    "229 Entering Extended Passive Mode (|||2049|)\r\n"));
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 0, "errors");
	core_free(c);
	/* Nobody negotiates options here, so nobody has suboptions either. */
	c = PLAY(HELLO, C(IAC "\xfa" "\x18\x01" IAC "\xf0" "NOOP\r\n"),
		 C("PORT 1,2,3,4,8,0\r\n"));
	CHECK(c->transparent, "transparent");
	core_free(c);
}

static void auth_accepted(void)
{
	struct core *c;

	defaults();
	c = PLAY(HELLO,
		 CX("PORT 1,2,3,4,8,0\r\n", "PORT " MAPPED(80) "\r\n"),
		 S("200 ok\r\n"), C("AUTH TLS\r\n"), S("234-go\r\n234 go\r\n"),
		 C("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
		 S("\x16\x03\x03\x00\x7a\x02\n\n"),
		 C("PORT 1,2,3,4,8,0\r\nEPSV\r\n"),
		 S("227 (1,2,3,4,8,1)\r\n"));
	GATES(c, 1, 1);
	CHECK(c->transparent, "transparent");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 0, "errors");
	core_free(c);
	SAY(HELLO, C("AUTH GSSAPI\r\n"), S("334 go on\r\n"),
	    C("ADAT abc\r\n"), S("235 ADAT=x\r\n"), C("PASV\r\n"),
	    C("MIC xyz\r\n"), S("631 abc\r\n"));
}

static void auth_declined(void)
{
	struct core *c;

	defaults();
	c = PLAY(HELLO, C("AUTH TLS\r\n"), S("502 no\r\n"),
		 C("auth ssl\r\n"), S("431-no\r\n431 no\r\n"),
		 CX("EPSV\r\n", "PASV\r\n"),
		 SX("227 (1,2,3,4,8,1)\r\n",
		    "229 Entering Extended Passive Mode (|||2049|)\r\n"));
	CHECK(!c->transparent, "transparent");
	core_free(c);
	/* Pending commands are answered as they were asked. */
	SAY(HELLO, CX("EPSV\r\nAUTH TLS\r\n", "PASV\r\nAUTH TLS\r\n"),
	    SX("227 (1,2,3,4,8,1)\r\n534 no\r\n",
	       "229 Entering Extended Passive Mode (|||2049|)\r\n534 no\r\n"),
	    CX("EPSV\r\n", "PASV\r\n"), S("500 no\r\n"));
	/* What came in between was not looked at. */
	c = PLAY(HELLO, C("AUTH TLS\r\n"), C("EPSV\r\nSTOR "),
		 S("502 no\r\n"), C("PORT 1,2,3,4,8,0\r\n"));
	CHECK(c->transparent, "transparent");
	GATES(c, 0, 0);
	core_free(c);
}

/* What was changed before AUTH has its place in the stream for ever. */
static void auth_offsets(void)
{
	defaults();
	SAY(HELLO, CX("EPRT |2|2001:db8:1::5|40001|\r\n",
		      "PORT " MAPPED(80) "\r\n"),
	    S("200 ok\r\n"), CX("EPSV\r\n", "PASV\r\n"),
	    SX("227 (203,0,113,9,200,1)\r\n",
	       "229 Entering Extended Passive Mode (|||51201|)\r\n"),
	    C("AUTH TLS\r\n"), S("234 go\r\n"), C("\x16\x03\x01 hello"),
	    S("\x16\x03\x03 hello"), C("\x17\x03\x03 data"),
	    S("\x17\x03\x03 data"), C("\x15\x03\x03 bye"));
}

static void lang(void)
{
	defaults();
	SAY(HELLO, C("LANG fr\r\n"), S("200 Fran\xc3\xa7" "ais\r\n"),
	    C("RETR \xd0\xba\xd0\xb8\xd1\x80/a\r" "\0b\r\n"),
	    S("150 \xd0\xba\xd0\xb8\xd1\x80\r\n226 ok\r\n"));
}

static void algs(void)
{
	struct core *c;

	defaults();
	c = PLAY(HELLO, CX("ALGS STATUS64\r\n", "NOOP\r\n"),
		 SX("200 ok\r\n", "216 EPSVEPRT\r\n"),
		 CX("algs disable64\r\n", "NOOP\r\n"),
		 SX("200 ok\r\n", "216 NONE\r\n"), C("EPSV\r\n"),
		 S("229 (|||2049|)\r\n"),
		 C("EPRT |2|2001:db8:1::5|2048|\r\n"), S("522 no\r\n"),
		 C("EPRT |1|10.0.0.1|2048|\r\n"), S("522 no\r\n"),
		 C("EPSV ALL\r\n"), S("200 ok\r\n"),
		 CX("ALGS STATUS64\r\n", "NOOP\r\n"),
		 SX("200 ok\r\n", "216 NONE\r\n"),
		 CX("ALGS ENABLE64\r\n", "NOOP\r\n"),
		 SX("200 ok\r\n", "216 EPSVEPRT\r\n"),
		 CX("EPSV\r\n", "PASV\r\n"),
		 SX("227 (1,2,3,4,8,1)\r\n",
		    "229 Entering Extended Passive Mode (|||2049|)\r\n"));
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 0, "errors");
	core_free(c);

	options = 0;
	SAY(HELLO, CX("ALGS STATUS64\r\n", "NOOP\r\n"),
	    SX("200 ok\r\n", "216 NONE\r\n"),
	    CX("ALGS ENABLE64\r\n", "NOOP\r\n"),
	    SX("200 ok\r\n", "216 EPSVEPRT\r\n"), CX("EPSV\r\n", "PASV\r\n"));
}

#define NO_PARAMETER "504 Parameter not supported\r\n"

static void algs_bad(void)
{
	defaults();
	SAY(HELLO, CX("ALGS\r\n", "NOOP\r\n"), SX("200 ok\r\n", NO_PARAMETER),
	    CX("ALGS FOO\r\n", "NOOP\r\n"), SX("200 ok\r\n", NO_PARAMETER),
	    CX("ALGS STATUS64 X\r\n", "NOOP\r\n"),
	    SX("200 ok\r\n", NO_PARAMETER));
}

static void noop_refused(void)
{
	struct core *c;

	defaults();
	c = PLAY(HELLO, CX("EPSV ALL\r\n", "NOOP\r\n"),
		 SX("530 log in first\r\n", NO_ALL),
		 CX("EPSV ALL\r\n", "NOOP\r\n"),
		 SX("502-never\r\n502 heard\r\n", NO_ALL),
		 C("NOOP\r\n"), S("200 ok\r\n"),
		 CX("EPSV ALL\r\n", "NOOP\r\n"), S("421 too long\r\n"));
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 2, "errors");
	CHECK(!c->transparent, "transparent");
	core_free(c);
}

static char blob[1 << 16];

static void long_line(void)
{
	struct row rows[6] = {
		HELLO, C(""), S("500 no\r\n"), C("PORT 1,2,3,4,8,0\r\n"),
		S("200 ok\r\n"), C("PASV\r\n"),
	};
	struct core *c;
	u32 len;

	defaults();
	for (len = 2046; len <= 8192; len = len < 2051 ? len + 1 : len * 2) {
		memset(blob, 'a', len);
		memcpy(blob, "STAT ", 5);
		memcpy(blob + len - 2, "\r\n", 2);
		rows[1].said = blob;
		rows[1].heard = blob;
		rows[1].said_len = len;
		rows[1].heard_len = len;
		rows[3].heard = len > 2048 ? rows[3].said :
				"PORT " MAPPED(80) "\r\n";
		rows[3].heard_len = (u32)strlen(rows[3].heard);
		c = play(rows, ARRAY_SIZE(rows));
		CHECK_EQ(c->transparent, len > 2048, "%u octets", len);
		CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), len > 2048, "%u",
			 len);
		core_free(c);
	}
	/* A reply that should be changed and is too long for it */
	memset(blob, 'b', 4096);
	memcpy(blob, "200-\r\n", 6);
	for (len = 60; len < 4096; len += 60)
		blob[len] = '\n';
	memcpy(blob + 4090, "\n200\r\n", 6);
	rows[1] = (struct row)CX("EPSV ALL\r\n", "NOOP\r\n");
	rows[2] = (struct row){ true, blob, 4096, blob, 4096 };
	rows[3].heard = rows[3].said;
	rows[3].heard_len = rows[3].said_len;
	c = play(rows, 4);
	CHECK(c->transparent, "long reply");
	core_free(c);
}

/* Fifty commands, one by one and all at once */
static void fifty(void)
{
	static const struct row round[] = {
		C("TYPE I\r\n"), S("200 I\r\n"), CX("EPSV\r\n", "PASV\r\n"),
		SX("227 Passive (203,0,113,9,19,137)\r\n",
		   "229 Entering Extended Passive Mode (|||5001|)\r\n"),
		C("RETR x\r\n"), S("150 here\r\n226 done\r\n"),
		CX("EPRT |2|2001:db8:1::5|50069|\r\n",
		   "PORT " MAPPED(80) "\r\n"),
		S("200 ok\r\n"), C("STOR x\r\n"),
		S("150-here\r\n150 now\r\n226 done\r\n"),
	};
	static char said[2][1024], heard[2][2048];
	struct row rows[1 + 10 * ARRAY_SIZE(round)] = { HELLO };
	u32 said_len[2] = { 0 }, heard_len[2] = { 0 }, i, n = 1;
	struct core *c;

	defaults();
	/* At once, transfers are pending, and the gate of a PORT stays. */
	for (i = 0; i < 5 * ARRAY_SIZE(round); i++) {
		const struct row *r = &round[i % ARRAY_SIZE(round)];

		memcpy(said[r->server] + said_len[r->server], r->said,
		       r->said_len);
		said_len[r->server] += r->said_len;
		memcpy(heard[r->server] + heard_len[r->server], r->heard,
		       r->heard_len);
		heard_len[r->server] += r->heard_len;
	}
	for (i = 0; i < 2; i++)
		rows[n++] = (struct row){
			i, said[i], said_len[i], heard[i], heard_len[i],
		};
	c = play(rows, n);
	GATES(c, 2, 2);
	CHECK_EQ(counted(c, NAT64_ALG_CNT_MESSAGES), 25 + 1 + 7 * 5, "at once");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 0, "errors");
	core_free(c);
	/* One by one, EPSV closes it. */
	for (i = 0, n = 1; i < 10 * ARRAY_SIZE(round); i++) {
		static char text[10][40];
		u32 k = i / ARRAY_SIZE(round);

		rows[n] = round[i % ARRAY_SIZE(round)];
		if (i % ARRAY_SIZE(round) == 6) {
			snprintf(text[k], sizeof(text[k]),
				 "PORT 198,51,100,1,195,%u\r\n", 80 + k);
			rows[n].heard = text[k];
			rows[n].heard_len = (u32)strlen(text[k]);
		}
		n++;
	}
	c = play(rows, n);
	GATES(c, 20, 1);
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 0, "one by one");
	core_free(c);
}

/* Order of replies */

static void overtaken(void)
{
	struct core *c;

	defaults();
	/* STAT and NOOP while a transfer runs */
	c = PLAY(HELLO, C("PASV\r\n"), S("227 (1,2,3,4,8,1)\r\n"),
		 C("RETR x\r\n"), S("150 here\r\n"), C("STAT\r\n"),
		 S("213-at\r\n213 50%\r\n"), C("NOOP\r\n"), S("200 ok\r\n"),
		 S("226 done\r\n"), CX("EPSV ALL\r\n", "NOOP\r\n"),
		 SX("200 ok\r\n", NO_ALL));
	CHECK(!c->transparent, "transparent");
	core_free(c);
	/* It still runs, so its gate stays. */
	c = PLAY(HELLO, CX("PORT 1,2,3,4,8,0\r\n", "PORT " MAPPED(80) "\r\n"),
		 S("200 ok\r\n"), C("RETR x\r\n"), S("150 here\r\n"),
		 C("NOOP\r\n"), S("200 ok\r\n"),
		 CX("PORT 1,2,3,4,8,1\r\n", "PORT " MAPPED(81) "\r\n"));
	GATES(c, 2, 2);
	core_free(c);
	/* 426 and 226 and one more; nothing after ABOR */
	c = PLAY(HELLO, C("RETR x\r\n"), S("150 here\r\n"), C("ABOR\r\n"),
		 S("426 cut\r\n226 ok\r\n225 ok\r\n"),
		 CX("EPSV\r\n", "PASV\r\n"), S("226 again\r\n"),
		 SX("227 (1,2,3,4,8,1)\r\n",
		    "229 Entering Extended Passive Mode (|||2049|)\r\n"),
		 C("RETR x\r\n"), S("150 here\r\n"), C("ABOR\r\n"),
		 S("426 cut\r\n"), CX("EPSV\r\n", "PASV\r\n"),
		 SX("227 (1,2,3,4,8,1)\r\n",
		    "229 Entering Extended Passive Mode (|||2049|)\r\n"));
	CHECK(!c->transparent, "transparent");
	core_free(c);
}

/* Where it cannot be told, nothing is changed. */
static void order_lost(void)
{
	struct core *c;

	defaults();
	/* The refusal may be ABOR's or CWD's; TYPE's 200 must not become 504. */
	c = PLAY(HELLO, C("RETR x\r\n"), S("150 here\r\n"), C("ABOR\r\n"),
		 S("426 cut\r\n"), C("CWD a\r\n"), S("550 no\r\n"),
		 C("EPSV ALL\r\n"), S("200 ok\r\n"), C("TYPE I\r\n"),
		 S("200 ok\r\n"));
	CHECK(c->transparent, "refusal");
	core_free(c);
	/* A 227 with numbers shows where we are. */
	c = PLAY(HELLO, C("RETR x\r\n"), S("150 here\r\n"), C("ABOR\r\n"),
		 S("426 cut\r\n"), C("CWD a\r\n"), S("550 no\r\n"),
		 C("PASV\r\n"), S("227 (1,2,3,4,8,1)\r\n"),
		 CX("EPSV ALL\r\n", "NOOP\r\n"), SX("200 ok\r\n", NO_ALL));
	CHECK(!c->transparent, "found again");
	gate64(c, c->gates - 1, 2049);
	core_free(c);
	/* NOOP while a transfer runs could be answered now or later. */
	c = PLAY(HELLO, C("RETR x\r\n"), S("150 here\r\n"),
		 C("EPSV ALL\r\n"), S("200 ok\r\n226 done\r\n"));
	CHECK(c->transparent, "overtaking");
	core_free(c);
	/* Two sorts of 227 at a time */
	c = PLAY(HELLO, CX("EPSV\r\n", "PASV\r\n"), C("PASV\r\n"),
		 S("227 (1,2,3,4,8,1)\r\n227 (1,2,3,4,8,2)\r\n"));
	CHECK(c->transparent, "PASV after EPSV");
	core_free(c);
	c = PLAY(HELLO, C("PASV\r\n"), C("EPSV\r\n"),
		 S("227 (1,2,3,4,8,1)\r\n229 (|||2050|)\r\n"));
	CHECK(!c->transparent, "EPSV after PASV");
	GATES(c, 2, 2);
	core_free(c);
	/* An answer to nothing that was asked */
	c = PLAY(HELLO, CX("EPSV\r\n", "PASV\r\n"), S("200 ok\r\n"),
		 S("227 (1,2,3,4,8,1)\r\n"), C("EPSV\r\n"));
	CHECK(c->transparent, "200 for PASV");
	GATES(c, 0, 0);
	core_free(c);
	/* The NOOP that we said has been passed over. */
	c = PLAY(HELLO, CX("EPSV ALL\r\nPASV\r\n", "NOOP\r\nPASV\r\n"),
		 S("227 (1,2,3,4,8,1)\r\n200 ok\r\n"));
	CHECK(c->transparent, "227 before 200");
	GATES(c, 0, 0);
	core_free(c);
}

static void pipelined(void)
{
	struct row rows[6] = { HELLO };
	struct core *c;
	u32 i;

	defaults();
	c = PLAY(HELLO,
		 CX("USER a\r\nPASS b\r\nTYPE I\r\nPORT 1,2,3,4,8,0\r\n"
		    "RETR a\r\nPORT 1,2,3,4,8,1\r\nRETR b\r\nEPSV ALL\r\n"
		    "QUIT\r\n",
		    "USER a\r\nPASS b\r\nTYPE I\r\nPORT " MAPPED(80) "\r\n"
		    "RETR a\r\nPORT " MAPPED(81) "\r\nRETR b\r\nNOOP\r\n"
		    "QUIT\r\n"),
		 SX("331 ?\r\n230 in\r\n200 I\r\n200 PORT\r\n150 a\r\n"
		    "226 a\r\n200 PORT\r\n150 b\r\n226 b\r\n200 NOOP\r\n"
		    "221 Bye\r\n",
		    "331 ?\r\n230 in\r\n200 I\r\n200 PORT\r\n150 a\r\n"
		    "226 a\r\n200 PORT\r\n150 b\r\n226 b\r\n" NO_ALL
		    "221 Bye\r\n"));
	CHECK(!c->transparent, "transparent");
	/* The first transfer may still need its gate. */
	GATES(c, 2, 2);
	core_free(c);
	/* More than can be remembered */
	for (i = 0; i < 66; i++)
		memcpy(blob + 6 * i, "NOOP\r\n", 6);
	memcpy(blob + 6 * 66, "EPSV\r\n", 6);
	rows[1] = (struct row){ false, blob, 6 * 67, blob, 6 * 67 };
	c = play(rows, 2);
	CHECK(c->transparent, "too many");
	core_free(c);
}

/* A session as clients have it, and what it counts */
static void session(void)
{
	struct core *c;

	defaults();
	c = PLAY(S("220-Welcome\r\n220-\r\n220 ready\r\n"),
		 C("AUTH TLS\r\n"), S("500 what?\r\n"), C("USER a\r\n"),
		 S("331 ?\r\n"), C("PASS b\r\n"), S("230 in\r\n"),
		 C("PWD\r\n"), S("257 \"/\"\r\n"), C("TYPE I\r\n"),
		 S("200 I\r\n"), CX("EPSV\r\n", "PASV\r\n"),
		 SX("227 (203,0,113,9,200,1)\r\n",
		    "229 Entering Extended Passive Mode (|||51201|)\r\n"),
		 C("LIST\r\n"), S("150 here\r\n"), S("226 done\r\n"),
		 CX("EPRT |2|2001:db8:1::5|40001|\r\n",
		    "PORT " MAPPED(80) "\r\n"),
		 S("200 ok\r\n"), C("STOR x\r\n"), S("150 here\r\n"),
		 S("226 done\r\n"), C("QUIT\r\n"), S("221 Bye\r\n"));
	CHECK_EQ(counted(c, NAT64_ALG_CNT_MESSAGES), 10 + 13, "messages");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_REWRITES), 3, "rewrites");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_GATES_OPENED), 2, "gates");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_GATES_REFUSED), 0, "refused");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 0, "errors");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_TRANSPARENT), 0, "transparent");
	core_free(c);
}

/* G: gates */

static void no_leak(void)
{
	struct row rows[1 + 20 * 4] = { HELLO };
	static char text[20][2][64];
	struct core *c;
	u32 i, n = 1;

	defaults();
	for (i = 0; i < 20; i++) {
		snprintf(text[i][0], 64, "PORT 10,0,0,1,8,%u\r\n", i % 3);
		snprintf(text[i][1], 64, "PORT 198,51,100,1,195,%u\r\n",
			 80 + i);
		rows[n++] = (struct row){
			false, text[i][0], (u32)strlen(text[i][0]),
			text[i][1], (u32)strlen(text[i][1]),
		};
		rows[n++] = (struct row)S("200 ok\r\n");
		rows[n++] = (struct row)C("RETR x\r\n");
		rows[n++] = (struct row)S("150 here\r\n226 done\r\n");
	}
	c = play(rows, n);
	GATES(c, 20, 1);
	core_free(c);
}

static void same_again(void)
{
	struct core *c;

	defaults();
	c = PLAY(HELLO,
		 CX("PORT 10,0,0,1,8,0\r\n", "PORT " MAPPED(80) "\r\n"),
		 S("200 ok\r\n"),
		 CX("PORT 10,0,0,1,8,0\r\n", "PORT " MAPPED(80) "\r\n"),
		 S("200 ok\r\n"),
		 CX("EPRT |2|2001:db8:1::5|2048|\r\n",
		    "PORT " MAPPED(80) "\r\n"),
		 S("200 ok\r\n"));
	GATES(c, 1, 1);
	core_free(c);
}

static void no_mapping(void)
{
	static const int reasons[] = { -ENOSPC, -EADDRINUSE, -ENOMEM };
	struct core *c;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		defaults();
		fail = reasons[i];
		c = PLAY(HELLO, C("PORT 10,0,0,1,8,0\r\n"),
			 S("500 Illegal PORT command\r\n"),
			 C("EPRT |2|2001:db8:1::5|2048|\r\n"), S("500 no\r\n"),
			 C("EPRT |1|10.0.0.1|2048|\r\n"), S("500 no\r\n"),
			 CX("EPSV\r\n", "PASV\r\n"),
			 SX("227 (1,2,3,4,8,1)\r\n",
			    "229 Entering Extended Passive Mode (|||2049|)"
			    "\r\n"));
		GATES(c, 0, 0);
		CHECK_EQ(counted(c, NAT64_ALG_CNT_GATES_REFUSED), 4, "refused");
		CHECK(!c->transparent, "transparent");
		core_free(c);
	}
}

static void flood(void)
{
	struct row rows[LINES_MAX] = { HELLO };
	static char text[LINES_MAX][64];
	struct core *c;
	u32 i, n = 1;

	defaults();
	/* Transfers that never end keep former gates, up to the limit. */
	for (i = 0; i < 30; i++) {
		snprintf(text[i], 64, "PORT 10,0,0,1,8,%u\r\nRETR x\r\n", i);
		snprintf(text[i + 30], 64,
			 "PORT 198,51,100,1,195,%u\r\nRETR x\r\n", 80 + i);
		rows[n++] = (struct row){
			false, text[i], (u32)strlen(text[i]), text[i + 30],
			(u32)strlen(text[i + 30]),
		};
	}
	c = play(rows, n);
	GATES(c, 30, (30 - 1) % 4 + 1);
	CHECK_EQ(counted(c, NAT64_ALG_CNT_GATES_REFUSED), 0, "refused");
	core_free(c);
}

/* Whatever is said, all of it arrives. */
static void lives(void)
{
	struct row rows[4] = { HELLO };
	struct core *c;
	u32 x = 1, i, k, len;

	defaults();
	for (k = 0; k < 200; k++) {
		for (i = 0; i < 600; i++) {
			x = x * 1664525 + 1013904223;
			blob[i] = k & 1 ? (char)(x >> 24) :
				  "PORTEV 12,\r\n\xff\xfd|:"[x >> 28];
		}
		len = 300 + k;
		memcpy(blob, k & 2 ? "PORT 1,2" : "EPSV ALL", 8);
		rows[1] = (struct row){ false, blob, len, blob, len };
		rows[2] = (struct row){ true, blob, 300, blob, 300 };
		rows[3] = (struct row)C("NOOP\r\n");
		c = core_new(&nat64_alg_ftp);
		for (i = 0; i < 4; i++) {
			struct core_line l = {
				.dir = rows[i].server ? NAT64_DIR_46 :
							NAT64_DIR_64,
				.data = rows[i].said,
				.len = rows[i].said_len,
			};
			const char *err;

			setup(c);
			err = core_talk(c, &l, 1, CORE_RANDOM, k);
			CHECK(!err, "%u: %s", k, err);
		}
		CHECK(c->out[NAT64_DIR_64].len > 6 &&
		      !memcmp(c->out[NAT64_DIR_64].b +
			      c->out[NAT64_DIR_64].len - 6, "NOOP\r\n", 6),
		      "%u: what came last", k);
		core_free(c);
	}
}

static void inside_server(void)
{
	struct core *c;

	defaults();
	inbound = true;
	c = PLAY(HELLO, C("PASV\r\n"),
		 SX("227 Entering Passive Mode (10,0,0,1,19,137).\r\n",
		    "227 Entering Passive Mode (" MAPPED(80) ").\r\n"),
		 C("EPSV\r\n"),
		 SX("229 Entering Extended Passive Mode (|||5002|)\r\n",
		    "229 Entering Extended Passive Mode (|||50001|)\r\n"),
		 C("EPSV 1\r\n"),
		 SX("229-Hear\r\n229-(|||5003|)\r\n229 ok\r\n",
		    "229-Hear\r\n229-(|||50002|)\r\n229 ok\r\n"),
		 C("PORT 203,0,113,9,8,0\r\n"), S("200 ok\r\n"),
		 C("RETR x\r\n"), S("150 here\r\n226 done\r\n"),
		 C("EPRT |1|203.0.113.9|2049|\r\n"), S("200 ok\r\n"),
		 C("EPRT |2|2001:db8:1::5|2050|\r\n"), S("522 no\r\n"),
		 C("EPSV ALL\r\n"), S("200 ok\r\n"), C("ALGS STATUS64\r\n"),
		 S("500 what?\r\n"), S("227 (10,0,0,1,19,137)\r\n"));
	GATES(c, 5, 0);
	gate46(c, 0, 5001, 0, 50000);
	gate46(c, 1, 5002, 0, 50001);
	gate46(c, 2, 5003, 0, 50002);
	gate64(c, 3, 2048);
	gate64(c, 4, 2049);
	core_free(c);
	/* Ports that must not be opened, or cannot be, stay as they are. */
	c = PLAY(HELLO, C("PASV\r\n"), S("227 (10,0,0,1,0,22)\r\n"),
		 C("EPSV\r\n"), S("229 (|||22|)\r\n"), C("EPSV\r\n"),
		 S("229 (|||65536|)\r\n"));
	GATES(c, 0, 0);
	CHECK_EQ(counted(c, NAT64_ALG_CNT_GATES_REFUSED), 2, "refused");
	core_free(c);
}

/* SEC */

static void third_party(void)
{
	struct core *c;

	defaults();
	/* The address is not read, so it cannot be another host's. */
	c = PLAY(HELLO,
		 CX("PORT 192,0,2,66,8,0\r\n", "PORT " MAPPED(80) "\r\n"),
		 S("200 ok\r\n"),
		 CX("EPRT |1|192.0.2.66|2049|\r\n",
		    "EPRT |1|198.51.100.1|50001|\r\n"),
		 S("200 ok\r\n"), C("EPRT |2|2001:db8:1::66|2050|\r\n"),
		 S("522 no\r\n"), C("PASV\r\n"),
		 S("227 (192,0,2,66,8,3)\r\n"), CX("EPSV\r\n", "PASV\r\n"),
		 SX("227 (192,0,2,66,8,4)\r\n",
		    "229 Entering Extended Passive Mode (|||2052|)\r\n"));
	GATES(c, 4, 1);
	own(c);
	core_free(c);
}

static void low_ports(void)
{
	struct core *c;

	defaults();
	c = PLAY(HELLO, C("PORT 10,0,0,1,3,255\r\n"), S("500 no\r\n"),
		 C("EPRT |2|2001:db8:1::5|22|\r\n"), S("500 no\r\n"),
		 C("EPRT |1|10.0.0.1|1023|\r\n"), S("500 no\r\n"),
		 CX("PORT 10,0,0,1,4,0\r\n", "PORT " MAPPED(80) "\r\n"),
		 S("200 ok\r\n"));
	GATES(c, 1, 1);
	CHECK_EQ(counted(c, NAT64_ALG_CNT_GATES_REFUSED), 3, "refused");
	core_free(c);
	options |= NAT64_ALG_OPT_LOW_PORTS;
	c = PLAY(HELLO,
		 CX("PORT 10,0,0,1,0,22\r\n", "PORT " MAPPED(80) "\r\n"));
	gate46(c, 0, 22, 0, 50000);
	core_free(c);
}

static void not_ftp(void)
{
	static const struct row clients[] = {
		C("GET / HTTP/1.1\r\nHost: a\r\n\r\nPORT 1,2,3,4,8,0\r\n"),
		C("POST /x HTTP/1.1\r\nContent-Length: 20\r\n\r\n"),
		C("OPTIONS * HTTP/1.1\r\n"), C("PRI * HTTP/2.0\r\n\r\n"),
		C("CONNECT a:21 HTTP/1.1\r\n"), C("head / HTTP/1.0\r\n"),
		C("Host: a\r\n"), C("{\"a\":1}\r\n"), C("----x\r\n"),
		C("\x16\x03\x01\x02\x00\x01\x00"), C("\x80\x2e\x01\x03"),
		C("\0\x01\0\x08"), C("A\r\n"), C("AB cd\r\n"),
		C("ABCDEFGHIJKLM\r\n"), C("PORT=1,2,3,4,8,0\r\n"),
		C("1PORT 1,2,3,4,8,0\r\n"), C("\xff\xfa\x01"),
		C("\rPORT 1,2,3,4,8,0\r\n"), C("SSH-2.0-OpenSSH\r\n"),
	};
	static const struct row servers[] = {
		S("HTTP/1.1 400 Bad Request\r\n"), S("SSH-2.0-OpenSSH\r\n"),
		S("+OK pop\r\n"), S("* OK imap\r\n"), S("200 nntp\r\n"),
		S("230 in\r\n"), S("22\r\n"), S("22x ready\r\n"),
		S("2200 ready\r\n"), S("220ready\r\n"), S("020 ready\r\n"),
		S("620 ready\r\n"), S(" 220 ready\r\n"), S("\r\n220 hi\r\n"),
		S("\x16\x03\x03\x00\x7a"), S("\xff\xff\xff\xff"),
		S("x"), S("227 (1,2,3,4,8,1)\r\n"), S("\xff\xfa"),
		S("226 done\r\n"), S("200-a\r\n"),
	};
	struct core *c;
	u32 i;

	defaults();
	for (i = 0; i < ARRAY_SIZE(clients); i++) {
		c = PLAY(HELLO, clients[i], C("PORT 1,2,3,4,8,0\r\n"),
			 S("200 ok\r\n"), C("PASV\r\n"),
			 S("227 (1,2,3,4,8,1)\r\n"));
		CHECK(c->transparent, "client %u", i);
		CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 1, "client %u", i);
		GATES(c, 0, 0);
		core_free(c);
	}
	for (i = 0; i < ARRAY_SIZE(servers); i++) {
		c = PLAY(servers[i], C("PORT 1,2,3,4,8,0\r\n"),
			 S("200 ok\r\n"));
		CHECK(c->transparent, "server %u", i);
		CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 1, "server %u", i);
		GATES(c, 0, 0);
		core_free(c);
	}
	/* Later is no better. */
	c = PLAY(HELLO, C("NOOP\r\n"), S("OK\r\n"), C("PORT 1,2,3,4,8,0\r\n"));
	CHECK(c->transparent, "later");
	core_free(c);
}

static void client_first(void)
{
	struct core *c;

	defaults();
	c = PLAY(C("PORT 1,2,3,4,8,0\r\n"), HELLO, C("PORT 1,2,3,4,8,0\r\n"));
	CHECK(c->transparent, "transparent");
	GATES(c, 0, 0);
	core_free(c);
}

/* What a server may begin with */
static void greetings(void)
{
	static const struct row rows[] = {
		S("220\r\n"), S("220 \n"), S("220-a\r\nGET / HTTP/1.1\r\n\xff\xff"
					     "220-b\r\n220 c\r\n"),
		S("120 wait\r\n220 go\r\n"), S("120-a\r\n120 b\r\n"),
		S("421 full\r\n"), S("530 no\r\n"), S("500 OOPS\r\n"),
	};
	struct core *c;
	u32 i;

	defaults();
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		c = PLAY(rows[i], CX("PORT 1,2,3,4,8,0\r\n",
				     "PORT " MAPPED(80) "\r\n"));
		CHECK(!c->transparent, "greeting %u", i);
		core_free(c);
	}
}

static const struct test ftp_tests[] = {
	{ "S-50.pasv-and-227-unchanged", s_pasv },
	{ "S-51.227-of-any-form", s_227 },
	{ "S-52.gate-of-pasv", s_pasv_gate },
	{ "S-54.port-rewritten", s_port },
	{ "S-55.gate-of-port", s_port_gate },
	{ "S-57.nothing-else-changes", s_minimal },
	{ "FT-01.other-port", other_port },
	{ "FT-04.lines", lines },
	{ "FT-04.fifty-commands", fifty },
	{ "FT-05.telnet-options-refused", telnet_refused },
	{ "FT-06.telnet-abort", telnet_abort },
	{ "FT-07.auth-accepted", auth_accepted },
	{ "FT-07.auth-declined", auth_declined },
	{ "FT-08.offsets-kept", auth_offsets },
	{ "FT-09.utf8", lang },
	{ "FT-10.epsv-to-pasv", epsv_to_pasv },
	{ "FT-10.replies-of-several-lines", epsv_several_lines },
	{ "FT-10.option-off", epsv_off },
	{ "FT-11.pasv-address-ignored", pasv_address_ignored },
	{ "FT-12.epsv-other-family", epsv_other_family },
	{ "FT-13.epsv-all", epsv_all },
	{ "FT-14.pasv-refused", pasv_refused },
	{ "FT-15.eprt-to-port", eprt_to_port },
	{ "FT-16.eprt-other-address", eprt_of_others },
	{ "FT-18.default-data-port", default_port },
	{ "FT-19.mixed-modes", mix },
	{ "FT-20.others-untouched", untouched },
	{ "FT-21.algs", algs },
	{ "FT-22.algs-bad-argument", algs_bad },
	{ "FT-25.noop-refused", noop_refused },
	{ "FT-25.replies-overtaken", overtaken },
	{ "FT-25.order-lost", order_lost },
	{ "FT-25.pipelined", pipelined },
	{ "FT-27.eprt-syntax", eprt_syntax },
	{ "FT-28.port-syntax", port_syntax },
	{ "FT-29.lprt-lpsv", lprt },
	{ "FT-30.long-lines", long_line },
	{ "D-05.eprt-ipv4", eprt_ipv4 },
	{ "G-06.no-mapping", no_mapping },
	{ "G-09.one-gate-at-a-time", no_leak },
	{ "G-10.same-request-same-answer", same_again },
	{ "G-11.server-inside", inside_server },
	{ "G-12.counters", session },
	{ "G-13.all-arrives", lives },
	{ "SEC-11.third-party", third_party },
	{ "SEC-11.low-ports", low_ports },
	{ "SEC-14.flood", flood },
	{ "SEC-12.not-ftp", not_ftp },
	{ "SEC-12.client-first", client_first },
	{ "SEC-12.greetings", greetings },
};
SUITE(ftp);
