// SPDX-License-Identifier: GPL-2.0
#include "parse.h"

#include <arpa/inet.h>
#include <string.h>

#include "names.h"

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads the digits that @word starts with and moves it behind them. */
static bool take_digits(const char **word, uint64_t max, uint64_t *number)
{
	const char *c = *word;
	uint64_t n = 0;

	if (!digit(*c))
		return false;
	for (; digit(*c); c++) {
		if (n > (max - (*c - '0')) / 10)
			return false;
		n = n * 10 + (*c - '0');
	}
	*word = c;
	*number = n;
	return true;
}

bool parse_number(const char *word, uint64_t max, uint64_t *number)
{
	return take_digits(&word, max, number) && !*word;
}

static bool take_unit(const char **word, uint64_t *ms)
{
	static const struct { const char *name; uint64_t ms; } units[] = {
		{ "ms", 1 }, { "s", 1000 }, { "min", 60000 }, { "m", 60000 },
		{ "h", 3600000 }, { "d", 86400000 },
	};
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(units); i++) {
		len = strlen(units[i].name);
		if (!strncmp(*word, units[i].name, len)) {
			*word += len;
			*ms = units[i].ms;
			return true;
		}
	}
	return false;
}

bool parse_duration(const char *word, uint64_t *ms)
{
	uint64_t sum = 0, n, unit;

	if (parse_number(word, UINT64_MAX / 1000, &n)) {
		*ms = n * 1000;
		return true;
	}
	do {
		if (!take_digits(&word, UINT64_MAX, &n) ||
		    !take_unit(&word, &unit) || n > UINT64_MAX / unit ||
		    n * unit > UINT64_MAX - sum)
			return false;
		sum += n * unit;
	} while (*word);
	*ms = sum;
	return true;
}

bool parse_addr4(const char *word, struct in_addr *addr)
{
	return inet_pton(AF_INET, word, addr) == 1;
}

bool parse_addr6(const char *word, struct in6_addr *addr)
{
	return inet_pton(AF_INET6, word, addr) == 1;
}

/* Splits ADDRESS/LENGTH; a missing length is @max. */
static bool parse_net(const char *word, int family, void *addr, uint64_t max,
		      uint64_t *len)
{
	const char *slash = strchr(word, '/');
	size_t n = slash ? (size_t)(slash - word) : strlen(word);
	char text[INET6_ADDRSTRLEN];

	if (n >= sizeof(text))
		return false;
	memcpy(text, word, n);
	text[n] = '\0';
	*len = max;
	if (slash && !parse_number(slash + 1, max, len))
		return false;
	return inet_pton(family, text, addr) == 1;
}

bool parse_net4(const char *word, struct in_addr *addr, uint64_t *len)
{
	return parse_net(word, AF_INET, addr, 32, len);
}

bool parse_net6(const char *word, struct in6_addr *addr, uint64_t *len)
{
	return parse_net(word, AF_INET6, addr, 128, len);
}

static const char *parse_pair4(const char *word, const char *dash,
			       struct in_addr *first, struct in_addr *last)
{
	char text[INET_ADDRSTRLEN];
	size_t n = dash - word;

	if (n >= sizeof(text))
		return "not an IPv4 range";
	memcpy(text, word, n);
	text[n] = '\0';
	if (!parse_addr4(text, first) || !parse_addr4(dash + 1, last))
		return "not an IPv4 range";
	if (ntohl(first->s_addr) > ntohl(last->s_addr))
		return "a range that ends before it starts";
	return NULL;
}

const char *parse_range4(const char *word, struct in_addr *first,
			 struct in_addr *last)
{
	const char *dash = strchr(word, '-');
	uint32_t host;
	uint64_t len;

	if (dash)
		return parse_pair4(word, dash, first, last);
	if (!parse_net4(word, first, &len))
		return "not an IPv4 address, range or network";
	host = (1ULL << (32 - len)) - 1;
	if (ntohl(first->s_addr) & host)
		return "a network with host bits set";
	last->s_addr = first->s_addr | htonl(host);
	return NULL;
}

bool parse_ports(const char *word, uint64_t *min, uint64_t *max)
{
	if (!take_digits(&word, UINT16_MAX, min))
		return false;
	if (!*word) {
		*max = *min;
		return true;
	}
	return *word == '-' && parse_number(word + 1, UINT16_MAX, max) &&
	       *min <= *max;
}

bool parse_span(const char *word, uint64_t *min, uint64_t *max)
{
	return take_digits(&word, UINT64_MAX, min) && *word == '-' &&
	       parse_number(word + 1, UINT64_MAX, max);
}

static bool parse_net_operand(const char *word, const struct keyword *k,
			      struct entry *e)
{
	struct in6_addr addr6;
	struct in_addr addr4;
	uint64_t len;

	if (k->operand == OPERAND_NET4) {
		if (!parse_net4(word, &addr4, &len))
			return false;
		entry_set_addr4(e, k->attr, addr4);
	} else {
		if (!parse_net6(word, &addr6, &len))
			return false;
		entry_set_addr6(e, k->attr, &addr6);
	}
	if (strchr(word, '/'))
		entry_set_number(e, k->attr_len, len);
	return true;
}

static bool parse_proto(const char *word, bool any, uint64_t *number)
{
	if (name_number(proto_names, word, number))
		return any || *number != IPPROTO_GRE;
	return any && parse_number(word, UINT8_MAX, number);
}

static bool parse_number_operand(const char *word, const struct keyword *k,
				 uint64_t *n)
{
	switch (k->operand) {
	case OPERAND_PROTO:
		return parse_proto(word, false, n);
	case OPERAND_PROTO_ANY:
		return parse_proto(word, true, n);
	case OPERAND_STATE:
		return name_number(state_names, word, n);
	case OPERAND_PORT:
		return parse_number(word, UINT16_MAX, n);
	default:
		return false;
	}
}

static bool parse_operand(const char *word, const struct keyword *k,
			  struct entry *e)
{
	uint64_t n, max;

	switch (k->operand) {
	case OPERAND_NET4:
	case OPERAND_NET6:
		return parse_net_operand(word, k, e);
	case OPERAND_PORTS:
		if (!parse_ports(word, &n, &max))
			return false;
		entry_set_number(e, NAT64_A_PORT_MIN, n);
		entry_set_number(e, NAT64_A_PORT_MAX, max);
		return true;
	default:
		if (!parse_number_operand(word, k, &n))
			return false;
		entry_set_number(e, k->attr, n);
		return true;
	}
}

static const char *operand_what(enum operand operand)
{
	switch (operand) {
	case OPERAND_PROTO:
		return "a protocol (tcp, udp or icmp)";
	case OPERAND_PROTO_ANY:
		return "a protocol (tcp, udp, icmp, gre or 0-255)";
	case OPERAND_STATE:
		return "a session state (closed, v4-init, v6-init, established, v4-fin, v6-fin, v4v6-fin, trans or active)";
	case OPERAND_PORT:
		return "a port (0-65535)";
	case OPERAND_PORTS:
		return "a range of ports (MIN-MAX)";
	case OPERAND_NET4:
		return "an IPv4 address or network";
	case OPERAND_NET6:
		return "an IPv6 address or network";
	case OPERAND_NONE:
		break;
	}
	return "nothing";
}

static const struct keyword *keyword_find(const struct keyword *keywords,
					  const char *word)
{
	const struct keyword *k;

	for (k = keywords; k->name; k++) {
		if (!strcmp(k->name, word))
			return k;
	}
	return NULL;
}

static bool keyword_given(const struct keyword *k, const struct entry *e)
{
	int attr = k->operand == OPERAND_PORTS ? NAT64_A_PORT_MIN : k->attr;

	if (k->operand == OPERAND_NONE)
		return entry_number(e, k->attr) & k->flag;
	return entry_has(e, attr);
}

static int parse_keyword(struct ctl *ctl, struct words *w,
			 const struct keyword *k, struct entry *e)
{
	const char *word;

	if (k->repeat ? e->nports == ENTRY_PORTS_MAX : keyword_given(k, e)) {
		complain(ctl, "\"%s\" is given too often", k->name);
		return CTL_USAGE;
	}
	if (k->operand == OPERAND_NONE) {
		entry_set_number(e, k->attr,
				 entry_number(e, k->attr) | k->flag);
		return CTL_OK;
	}
	word = words_take(w);
	if (!word) {
		complain(ctl, "\"%s\" needs %s", k->name,
			 operand_what(k->operand));
		return CTL_USAGE;
	}
	if (!parse_operand(word, k, e)) {
		complain(ctl, "\"%s\" is not %s", word,
			 operand_what(k->operand));
		return CTL_USAGE;
	}
	return CTL_OK;
}

int parse_keywords(struct ctl *ctl, struct words *w,
		   const struct keyword *keywords, struct entry *e)
{
	const struct keyword *k;
	const char *word;
	int err;

	while ((word = words_take(w))) {
		k = keyword_find(keywords, word);
		if (!k) {
			complain(ctl, "unknown keyword \"%s\"", word);
			return CTL_USAGE;
		}
		err = parse_keyword(ctl, w, k, e);
		if (err)
			return err;
	}
	return CTL_OK;
}

int parse_end(struct ctl *ctl, struct words *w)
{
	if (!w->left)
		return CTL_OK;
	complain(ctl, "unexpected \"%s\"", words_peek(w));
	return CTL_USAGE;
}

const char *parse_take(struct ctl *ctl, struct words *w, const char *what)
{
	const char *word = words_take(w);

	if (!word)
		complain(ctl, "%s is missing", what);
	return word;
}

int parse_text(struct ctl *ctl, struct words *w, const char *what, size_t room,
	       struct entry *e, int attr)
{
	const char *word = parse_take(ctl, w, what);

	if (!word)
		return CTL_USAGE;
	if (!*word || strlen(word) >= room) {
		complain(ctl, "\"%s\" is not a %s", word, what);
		return CTL_USAGE;
	}
	entry_set_text(e, attr, word);
	return CTL_OK;
}
