// SPDX-License-Identifier: GPL-2.0
#include "rtsp.h"
#include "text.h"

bool nat64_rtsp_swaps(const struct nat64_alg_ctx *ctx)
{
	const struct nat64_rtsp *rtsp = ctx->priv;

	return rtsp->client == NAT64_RTSP_NATIVE &&
	       ctx->options & NAT64_ALG_OPT_RTSP_LITERALS;
}

static bool ends_host(u8 c)
{
	return c <= ' ' || c == '/' || c == '?' || c == '#' || c == ';' ||
	       c == ',' || c == '"' || c == '<' || c == '>';
}

/* Is it a URL of RTSP whose "://" is at @at? */
static bool is_rtsp(const u8 *data, u32 from, u32 at)
{
	struct nat64_rtsp_span s = { .off = at, .end = at };

	while (s.off > from && at - s.off < 5 &&
	       ((data[s.off - 1] | 0x20) >= 'a' &&
		(data[s.off - 1] | 0x20) <= 'z'))
		s.off--;
	return nat64_rtsp_is(data, s, "rtsp") ||
	       nat64_rtsp_is(data, s, "rtspu") ||
	       nat64_rtsp_is(data, s, "rtsps");
}

/* Of [user[:password]@]host[:port] */
static struct nat64_rtsp_span host_of(const u8 *data, u32 off, u32 end)
{
	struct nat64_rtsp_span host = { .off = off, .end = end };
	u32 i;

	for (i = off; i < end; i++)
		if (data[i] == '@')
			host.off = i + 1;
	for (i = host.off; i < end && data[i] != ':' && data[i] != '['; i++)
		;
	if (i < end && data[i] == '[') {
		while (i < end && data[i] != ']')
			i++;
		i = min(i + 1, end);
	}
	host.end = i;
	return host;
}

bool nat64_rtsp_host(const u8 *data, struct nat64_rtsp_span *url,
		     struct nat64_rtsp_span *host)
{
	u32 from = url->off, i, end;

	for (i = from; i + 3 < url->end; i++) {
		if (memcmp(data + i, "://", 3) || !is_rtsp(data, from, i))
			continue;
		for (end = i + 3; end < url->end && !ends_host(data[end]);)
			end++;
		*host = host_of(data, i + 3, end);
		url->off = end;
		return host->off < host->end;
	}
	return false;
}

/* The address of the other family; 0.0.0.0 and :: mean no address in both. */
static bool to_six(const struct nat64_alg_ctx *ctx, __be32 v4,
		   struct in6_addr *v6)
{
	if (nat64_addr4_is_multicast(v4))
		return false;
	memset(v6, 0, sizeof(*v6));
	if (v4)
		nat64_address_embed(&ctx->prefix, v4, v6);
	return true;
}

static bool to_four(const struct nat64_alg_ctx *ctx, const struct in6_addr *v6,
		    __be32 *v4)
{
	static const struct in6_addr any;

	if (!nat64_prefix_match(&ctx->prefix, v6)) {
		*v4 = 0;
		return !memcmp(v6, &any, sizeof(any));
	}
	*v4 = nat64_address_extract(&ctx->prefix, v6);
	return true;
}

bool nat64_rtsp_swap_host(const struct nat64_alg_ctx *ctx, enum nat64_dir dir,
			  const u8 *data, struct nat64_rtsp_span host,
			  struct nat64_rtsp_swap *swap)
{
	const u8 *p = data + host.off;
	u32 len = host.end - host.off;
	struct in6_addr v6;
	__be32 v4;

	swap->at = host;
	if (dir == NAT64_DIR_46) {
		if (!nat64_rtsp_addr4(data, host, &v4) ||
		    !to_six(ctx, v4, &v6))
			return false;
		swap->text[0] = '[';
		swap->len = 1 + nat64_text_put_addr6(swap->text + 1, &v6);
		swap->text[swap->len++] = ']';
		return true;
	}
	if (len < 2 || p[0] != '[' || p[len - 1] != ']' ||
	    !nat64_text_addr6(p + 1, len - 2, &v6) ||
	    !to_four(ctx, &v6, &v4))
		return false;
	swap->len = nat64_text_put_addr4(swap->text, v4, '.');
	return true;
}

/* The next word of a line; false: none is left */
static bool next_word(const u8 *data, struct nat64_rtsp_span *line,
		      struct nat64_rtsp_span *word)
{
	*line = nat64_rtsp_trim(data, line->off, line->end);
	word->off = line->off;
	while (line->off < line->end && data[line->off] > ' ')
		line->off++;
	word->end = line->off;
	return word->off < word->end;
}

/* "... IN IP4 192.0.2.1"; a multicast address has a "/ttl", and stays. */
static bool swap_net(const struct nat64_alg_ctx *ctx, enum nat64_dir dir,
		     const u8 *data, struct nat64_rtsp_span line,
		     struct nat64_rtsp_swap *swap)
{
	const char *type = dir == NAT64_DIR_46 ? "ip4" : "ip6";
	struct nat64_rtsp_span word, addr;
	struct in6_addr v6;
	__be32 v4;

	while (next_word(data, &line, &word))
		if (nat64_rtsp_is(data, word, type))
			break;
	if (word.off == word.end || !next_word(data, &line, &addr))
		return false;
	swap->at.off = word.off;
	swap->at.end = addr.end;
	if (dir == NAT64_DIR_46) {
		if (!nat64_rtsp_addr4(data, addr, &v4) ||
		    !to_six(ctx, v4, &v6))
			return false;
		memcpy(swap->text, "IP6 ", 4);
		swap->len = 4 + nat64_text_put_addr6(swap->text + 4, &v6);
		return true;
	}
	if (!nat64_text_addr6(data + addr.off, addr.end - addr.off, &v6) ||
	    !to_four(ctx, &v6, &v4))
		return false;
	memcpy(swap->text, "IP4 ", 4);
	swap->len = 4 + nat64_text_put_addr4(swap->text + 4, v4, '.');
	return true;
}

static bool begins(const u8 *data, struct nat64_rtsp_span s, const char *text)
{
	u32 len = (u32)strlen(text);

	return s.end - s.off >= len && !memcmp(data + s.off, text, len);
}

bool nat64_rtsp_swap_line(const struct nat64_alg_ctx *ctx, enum nat64_dir dir,
			  const u8 *data, struct nat64_rtsp_span line,
			  struct nat64_rtsp_swap *swap)
{
	struct nat64_rtsp_span host;

	if (begins(data, line, "c=") || begins(data, line, "o=") ||
	    begins(data, line, "a=rtcp:"))
		return swap_net(ctx, dir, data, line, swap);
	if (begins(data, line, "a=control:"))
		return nat64_rtsp_host(data, &line, &host) &&
		       nat64_rtsp_swap_host(ctx, dir, data, host, swap);
	return false;
}
