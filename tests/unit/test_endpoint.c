// SPDX-License-Identifier: GPL-2.0
#include "endpoint.h"
#include "ktap.h"

typedef bool (*reader)(const u8 *text, u32 len, struct nat64_endpoint *e);

/* Text, and the port and the part of it that are expected; 0: none */
struct row {
	const char *text;
	u16 port;
	const char *part;
};

static void read_rows(reader read, const struct row *rows, u32 count)
{
	struct nat64_endpoint e;
	u32 i, len;
	u8 *exact;
	bool ok;

	for (i = 0; i < count; i++) {
		len = (u32)strlen(rows[i].text);
		exact = malloc(len ? len : 1);
		memcpy(exact, rows[i].text, len);
		ok = read(exact, len, &e);
		CHECK_EQ(ok, rows[i].port != 0, "%s", rows[i].text);
		if (ok && rows[i].port) {
			CHECK_EQ(e.port, rows[i].port, "%s", rows[i].text);
			CHECK(e.off + e.len <= len, "%s", rows[i].text);
			CHECK_BYTES(rows[i].text, exact + e.off, e.len,
				    (const u8 *)rows[i].part,
				    strlen(rows[i].part));
		}
		free(exact);
	}
}

#define READ_ALL(read, rows) read_rows(read, rows, ARRAY_SIZE(rows))

static void six(void)
{
	static const struct row rows[] = {
		{ "(192,0,2,1,4,1)", 1025, "192,0,2,1,4,1" },
		{ "192,0,2,1,4,1", 1025, "192,0,2,1,4,1" },
		{ "=192,0,2,1,4,1.", 1025, "192,0,2,1,4,1" },
		{ "x(0,0,0,0,255,255)y", 65535, "0,0,0,0,255,255" },
		{ "( 1 , 2 ,3,\t4,5,6 )", 1286, "1 , 2 ,3,\t4,5,6" },
		{ "(001,002,0003,4,05,06)", 1286, "001,002,0003,4,05,06" },
		{ "7 files (1,2,3,4,5,6)", 1286, "1,2,3,4,5,6" },
		{ "IPv4 - 1,2,3,4,5,6", 1286, "1,2,3,4,5,6" },
		{ "(1,2,3) (1,2,3,4,5,6)", 1286, "1,2,3,4,5,6" },
		{ "(1,2,3,4,5,6) (1,2,3,4,5,7)", 1286, "1,2,3,4,5,6" },
		{ "(1,2,3,4,0,1)", 1, "1,2,3,4,0,1" },
		{ "(1,2,3,4,0,0)", 0, "" },
		{ "(1,2,3,4,5)", 0, "" },
		{ "(1,2,3,4,5,)", 0, "" },
		{ "(1,2,3,4,5,6,)", 0, "" },
		{ "(1,2,3,4,5,6,7)", 0, "" },
		{ "(1,2,3,4,5,6 ,7)", 0, "" },
		{ "(,1,2,3,4,5)", 0, "" },
		{ "(1,,2,3,4,5,6)", 0, "" },
		{ "(1,2,3,4,5,256)", 0, "" },
		{ "(256,2,3,4,5,6)", 0, "" },
		{ "(1,2,3,4,99999999999,6)", 0, "" },
		{ "(4294967297,2,3,4,5,6)", 0, "" },
		{ "(-1,2,3,4,5,6)", 0, "" },
		{ "(1,2,3,4,-5,6)", 0, "" },
		{ "(+1,2,3,4,+5,6)", 0, "" },
		{ "(1.2.3.4,5,6)", 0, "" },
		{ "(1;2;3;4;5;6)", 0, "" },
		{ "Logout.", 0, "" },
		{ "", 0, "" },
		{ ",", 0, "" },
		{ "1,2,3,4,5,", 0, "" },
	};

	READ_ALL(nat64_endpoint_227, rows);
}

static void port(void)
{
	static const struct row rows[] = {
		{ "192,0,2,1,4,1", 1025, "192,0,2,1,4,1" },
		{ " 1 , 2,3,4,5,6 \t", 1286, "1 , 2,3,4,5,6" },
		{ "1,2,3,4,5,6 7", 0, "" },
		{ "(1,2,3,4,5,6)", 0, "" },
		{ "1,2,3,4,5,6)", 0, "" },
		{ "x 1,2,3,4,5,6", 0, "" },
		{ "1,2,3,4,0,0", 0, "" },
		{ "", 0, "" },
		{ "  ", 0, "" },
	};

	READ_ALL(nat64_endpoint_port, rows);
}

static void extended(void)
{
	static const struct row rows[] = {
		{ "Extended (|||6446|)", 6446, "6446" },
		{ "(!!!65535!)", 65535, "65535" },
		{ "|||1|", 1, "1" },
		{ "(||||2|)", 2, "2" },
		{ "... (|||3|)", 3, "3" },
		{ "(|||0006446|)", 6446, "0006446" },
		{ "(|||0|)", 0, "" },
		{ "(|||65536|)", 0, "" },
		{ "(|||99999999999|)", 0, "" },
		{ "(|||-1|)", 0, "" },
		{ "(||| 1|)", 0, "" },
		{ "(|||1 |)", 0, "" },
		{ "(|||1", 0, "" },
		{ "(||1|)", 0, "" },
		{ "(|1|1.2.3.4|5|)", 0, "" },
		{ "(|!|1|)", 0, "" },
		{ "(   1 )", 0, "" },
		{ "11111", 0, "" },
		{ "(|||", 0, "" },
		{ "", 0, "" },
	};

	READ_ALL(nat64_endpoint_229, rows);
}

static void eprt(void)
{
	static const struct row rows[] = {
		{ "|1|132.235.1.2|6275|", 6275, "132.235.1.2|6275" },
		{ "|2|1080::8:800:200C:417A|5282|", 5282,
		  "1080::8:800:200C:417A|5282" },
		{ " !2!::!21! ", 21, "::!21" },
		{ "~1~1.2.3.4~65535~", 65535, "1.2.3.4~65535" },
		{ "|1|1.2.3.4|0021|", 21, "1.2.3.4|0021" },
		{ "|1|1.2.3.4|0|", 0, "" },
		{ "|1|1.2.3.4|65536|", 0, "" },
		{ "|1|1.2.3.4|-1|", 0, "" },
		{ "|1|1.2.3.4| 1|", 0, "" },
		{ "|1|1.2.3.4|1", 0, "" },
		{ "|1|1.2.3.4|1|x", 0, "" },
		{ "|1|1.2.3.4||", 0, "" },
		{ "|1|1.2.3.4|", 0, "" },
		{ "|1||1|", 0, "" },
		{ "||1.2.3.4|1|", 0, "" },
		{ "|3|1.2.3.4|1|", 0, "" },
		{ "|1|::1|1|", 0, "" },
		{ "|2|1.2.3.4|1|", 0, "" },
		{ "|2|::1%eth0|1|", 0, "" },
		{ "|2|[::1]|1|", 0, "" },
		{ "|", 0, "" },
		{ "", 0, "" },
		{ "\x7f" "1\x7f" "1.2.3.4\x7f" "1\x7f", 0, "" },
	};

	READ_ALL(nat64_endpoint_eprt, rows);
}

/* What is written is read again, whatever the address and port. */
static void identity(void)
{
	u8 text[NAT64_ENDPOINT_SIX_MAX];
	struct nat64_endpoint e;
	u32 i, n, addr = 1;

	for (i = 1; i < 65536; i++) {
		addr = addr * 1664525 + 1013904223;
		n = nat64_endpoint_put_six(text, cpu_to_be32(addr),
					   cpu_to_be16((u16)i));
		CHECK(nat64_endpoint_port(text, n, &e), "port %u", i);
		CHECK_EQ(e.port, i, "port");
		CHECK_EQ(e.off, 0, "offset");
		CHECK_EQ(e.len, n, "octets");
		CHECK(nat64_endpoint_227(text, n, &e) && e.port == i, "227");
	}
	n = nat64_endpoint_put_six(text, cpu_to_be32(~0u), cpu_to_be16(0xffff));
	CHECK_EQ(n, NAT64_ENDPOINT_SIX_MAX, "longest");
}

static const struct test endpoint_tests[] = {
	{ "FT-28.six-numbers", six },
	{ "FT-28.port-argument", port },
	{ "FT-27.eprt-argument", eprt },
	{ "SEC-15.229-text", extended },
	{ "SEC-15.endpoint-format-parse", identity },
};
SUITE(endpoint);
