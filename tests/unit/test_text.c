// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>

#include "ktap.h"
#include "text.h"

#define T(s) (const u8 *)(s), (u32)strlen(s)

static void numbers(void)
{
	static const struct {
		const char *text;
		u32 max;
		u32 used;
		u32 value;
	} rows[] = {
		{ "0", 65535, 1, 0 },
		{ "65535", 65535, 5, 65535 },
		{ "65536", 65535, 0, 0 },
		{ "0065535x", 65535, 7, 65535 },
		{ "255,", 255, 3, 255 },
		{ "256", 255, 0, 0 },
		{ "99999999999", 65535, 0, 0 },
		{ "4294967295", 0xffffffff, 10, 0xffffffff },
		{ "4294967296", 0xffffffff, 0, 0 },
		{ "18446744073709551617", 0xffffffff, 0, 0 },
		{ "-1", 65535, 0, 0 },
		{ "+1", 65535, 0, 0 },
		{ " 1", 65535, 0, 0 },
		{ "", 65535, 0, 0 },
		{ "x", 65535, 0, 0 },
	};
	u8 long_zeros[600];
	unsigned int i;
	u32 v;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		v = 4711;
		CHECK_EQ(nat64_text_number(T(rows[i].text), rows[i].max, &v),
			 rows[i].used, "%s", rows[i].text);
		CHECK_EQ(v, rows[i].used ? rows[i].value : 4711, "%s",
			 rows[i].text);
	}
	memset(long_zeros, '0', sizeof(long_zeros));
	long_zeros[599] = '7';
	CHECK_EQ(nat64_text_number(long_zeros, 600, 255, &v), 600, "zeros");
	CHECK_EQ(v, 7, "zeros");
	memset(long_zeros, '9', sizeof(long_zeros));
	CHECK_EQ(nat64_text_number(long_zeros, 600, ~0u, &v), 0, "nines");
}

static void number_identity(void)
{
	u8 text[NAT64_TEXT_NUMBER_MAX];
	u64 i;

	for (i = 0; i <= 0xffffffffu; i = i * 3 / 2 + 1) {
		u32 v = 0, n = nat64_text_put_number(text, (u32)i);

		CHECK_EQ(nat64_text_number(text, n, ~0u, &v), n, "n");
		CHECK_EQ(v, i, "value");
	}
}

static void words(void)
{
	CHECK(nat64_text_equal(T("PoRt"), "port"), "case");
	CHECK(nat64_text_equal(T(""), ""), "empty");
	CHECK(!nat64_text_equal(T("POR"), "port"), "shorter");
	CHECK(!nat64_text_equal(T("PORTS"), "port"), "longer");
	CHECK(!nat64_text_equal((const u8 *)"PORT\0", 5, "port"), "NUL");
	CHECK(!nat64_text_equal(T("@ORT"), "`ort"), "not letters");
	CHECK_EQ(nat64_text_blanks(T(" \t x")), 3, "blanks");
	CHECK_EQ(nat64_text_trim(T(" x \t")), 2, "trim");
	CHECK_EQ(nat64_text_trim(T(" \t")), 0, "trim all");
}

static void addr4(void)
{
	static const struct {
		const char *text;
		u32 used;
		u32 host;
	} rows[] = {
		{ "192.0.2.31", 10, 0xc000021f },
		{ "0.0.0.0|", 7, 0 },
		{ "255.255.255.255:5", 15, 0xffffffff },
		{ "1.2.3", 0, 0 },
		{ "1.2.3.", 0, 0 },
		{ "1.2.3.4.5", 0, 0 },
		{ "1.2.3.256", 0, 0 },
		{ "1.2.3.0004", 0, 0 },
		{ "1..3.4", 0, 0 },
		{ "-1.2.3.4", 0, 0 },
		{ "", 0, 0 },
	};
	u8 text[NAT64_TEXT_ADDR4_MAX];
	unsigned int i;
	__be32 a;
	u32 n;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		n = nat64_text_addr4(T(rows[i].text), &a);
		CHECK_EQ(n, rows[i].used, "%s", rows[i].text);
		if (!n)
			continue;
		CHECK_EQ(be32_to_cpu(a), rows[i].host, "%s", rows[i].text);
		CHECK_EQ(nat64_text_put_addr4(text, a, '.'), n, "length");
		CHECK_BYTES("text", text, n, (const u8 *)rows[i].text, n);
	}
	n = nat64_text_put_addr4(text, cpu_to_be32(0xc000021f), ',');
	CHECK_BYTES("commas", text, n, (const u8 *)"192,0,2,31", 10);
}

/* The C library is the judge: it is strict in the same way. */
static void addr6(void)
{
	static const char *const texts[] = {
		"::", "::1", "1::", "2001:db8::1", "2001:DB8::A",
		"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8",
		"::ffff:192.0.2.1", "64:ff9b::192.0.2.33", "::1.2.3.4",
		"1:2:3:4:5:6:1.2.3.4", "1::3:4:5:6:7:8", "0000:0::0",
		/* not addresses */
		"", ":", ":::", "1", "1:", ":1", "1::2::3", "12345::",
		"1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::",
		"1:2:3:4::5:6:7:8", "::1.2.3", "::1.2.3.4:5", "1.2.3.4",
		"1:2:3:4:5:6:7:1.2.3.4", "::256.1.1.1", "g::", "fe80::1%eth0",
		" ::1", "::1 ", "-1::", "2001:db8::1]",
	};
	struct in6_addr want, got;
	unsigned int i;
	int ok;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		ok = inet_pton(AF_INET6, texts[i], &want);
		memset(&got, 0xee, sizeof(got));
		CHECK_EQ(nat64_text_addr6(T(texts[i]), &got), ok == 1, "%s",
			 texts[i]);
		if (ok == 1)
			CHECK_BYTES(texts[i], (u8 *)&got, 16, (u8 *)&want, 16);
	}
}

/* Whatever addresses print as is read back. */
static void addr6_identity(void)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr a, b;
	u32 x = 1, i, k;

	for (i = 0; i < 5000; i++) {
		for (k = 0; k < 16; k++) {
			x = x * 1103515245 + 12345;
			a.s6_addr[k] = x >> 28 < 9 ? 0 : (u8)(x >> 20);
		}
		inet_ntop(AF_INET6, &a, text, sizeof(text));
		CHECK(nat64_text_addr6(T(text), &b), "%s", text);
		CHECK_BYTES(text, (u8 *)&b, 16, (u8 *)&a, 16);
	}
}

/* As the C library prints, which has IPv4 at the end of some. */
static void addr6_print(void)
{
	char want[INET6_ADDRSTRLEN];
	u8 got[NAT64_TEXT_ADDR6_MAX];
	struct in6_addr a;
	u32 x = 1, i, k, n;

	for (i = 0; i < 5000; i++) {
		for (k = 0; k < 16; k++) {
			x = x * 1103515245 + 12345;
			a.s6_addr[k] = x >> 28 < 9 ? 0 : (u8)(x >> 20);
		}
		inet_ntop(AF_INET6, &a, want, sizeof(want));
		n = nat64_text_put_addr6(got, &a);
		if (!strchr(want, '.'))
			CHECK_BYTES("text", got, n, (u8 *)want, strlen(want));
	}
	memset(&a, 0, sizeof(a));
	a.s6_addr[12] = 192;
	n = nat64_text_put_addr6(got, &a);
	CHECK_BYTES("hexadecimal", got, n, (const u8 *)"::c000:0", 8);
	memset(&a, 0xff, sizeof(a));
	CHECK_EQ(nat64_text_put_addr6(got, &a), sizeof(got), "longest");
}

static const struct test text_tests[] = {
	{ "SEC-15.numbers", numbers },
	{ "SEC-15.number-format-parse", number_identity },
	{ "SEC-15.words", words },
	{ "SEC-15.ipv4-literals", addr4 },
	{ "SEC-15.ipv6-literals", addr6 },
	{ "SEC-15.ipv6-format-parse", addr6_identity },
	{ "SEC-15.ipv6-print", addr6_print },
};
SUITE(text);
