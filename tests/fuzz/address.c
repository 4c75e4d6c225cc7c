// SPDX-License-Identifier: GPL-2.0
/*
 * Input: prefix length, prefix, IPv6 address, IPv4 address.
 *
 * Under every prefix that may be configured, an IPv4 address survives the way
 * into an IPv6 address and back, which the prefix then matches; and what the
 * fast path for /96 says is what the general one says.
 */
#include "address.h"
#include "fuzz.h"

enum { SHORT, LONG, REFUSED };
const unsigned int fuzz_paths = REFUSED + 1;

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const u8 lengths[] = { 32, 40, 48, 56, 64, 96, 0, 128 };
	struct nat64_prefix p = {};
	struct in6_addr a, out;
	const char *why = NULL;
	__be32 v4;
	u32 i;

	if (size < 1 + 16 + 16 + 4)
		return 0;
	fuzz_inputs++;
	p.len = lengths[data[0] & 7];
	/* Bits after the prefix would only be refused; keep some of those. */
	for (i = 0; i < 16; i++)
		if (i * 8 < p.len || data[0] & 8)
			p.addr.s6_addr[i] = data[1 + i];
	if (data[0] & 16 && p.len > 64)
		p.addr.s6_addr[8] = 0;
	memcpy(&a, data + 17, sizeof(a));
	v4 = nat64_load_be32(data + 33);
	(void)nat64_addr4_is_global(v4);
	ENSURE(!nat64_addr4_dest_valid(v4) || !nat64_addr4_is_multicast(v4));
	ENSURE(!nat64_addr4_source_valid(v4) ||
	       !nat64_addr4_is_broadcast(v4));
	ENSURE(!nat64_addr6_source_valid(&a) || !nat64_addr6_is_multicast(&a));

	if (nat64_prefix_check(&p, &why)) {
		fuzz_hit(REFUSED);
		ENSURE(why && *why);
		return 0;
	}
	fuzz_hit(p.len == 96 ? LONG : SHORT);
	nat64_address_embed(&p, v4, &out);
	ENSURE(nat64_prefix_match(&p, &out));
	ENSURE(nat64_address_extract(&p, &out) == v4);
	ENSURE(!out.s6_addr[8]);
	ENSURE(nat64_prefix_equal(&p, &p));
	ENSURE(nat64_prefix_match(&p, &a) == nat64_prefix_match_any(&p, &a));
	if (nat64_prefix_match(&p, &a))
		ENSURE(nat64_address_extract(&p, &a) ==
		       nat64_address_extract_any(&p, &a));
	return 0;
}
