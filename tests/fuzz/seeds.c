// SPDX-License-Identifier: GPL-2.0
/*
 * seeds DIR: writes first inputs for the fuzz targets to DIR/header and
 * DIR/icmp: each kind of packet and of error, of both families.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "../unit/packet.h"

static const u8 exts[16] = { 60, 0, 1, 4, 0, 0, 0, 0, 17, 0, 1, 4 };
static const u8 opts[8] = { 7, 7, 4, 0, 0, 0, 0, 0 };

static const struct spec specs[] = {
	{ .kind = 6, .ttl = 64, .payload = 40 },
	{ .kind = 17, .ttl = 64, .payload = 300 },
	{ .kind = 17, .ttl = 64, .payload = 16, .udp_csum_zero = 1 },
	{ .kind = 17, .ttl = 64, .payload = 40, .ext6_first = 0,
	  .ext6 = exts, .ext6_len = 16, .opt4 = opts, .opt4_len = 8 },
	{ .kind = 1, .ttl = 64, .payload = 56 },
	{ .kind = 1, .ttl = 64, .payload = 56, .echo_reply = 1 },
	{ .kind = 47, .ttl = 64, .payload = 30 },
	{ .kind = 50, .ttl = 64, .payload = 30 },
	{ .kind = 6, .ttl = 64, .payload = 64, .frag = 1, .more = 1,
	  .id = 77 },
	{ .kind = 17, .ttl = 64, .payload = 64, .frag = 1, .frag_off = 1480,
	  .id = 77 },
};

static struct pkt quoted, msg, file;

static void save(const char *dir, const char *sub, unsigned int n)
{
	char name[4096];
	FILE *f;

	snprintf(name, sizeof(name), "%s/%s/%03u", dir, sub, n);
	f = fopen(name, "w");
	if (!f || fwrite(file.b, 1, file.len, f) != file.len || fclose(f)) {
		perror(name);
		exit(1);
	}
}

static void save_packet(const char *dir, unsigned int n, u8 mode)
{
	file.len = 0;
	pkt_u8(&file, mode);
	pkt_bytes(&file, quoted.b, quoted.len);
	save(dir, "header", n);
}

static void save_error(const char *dir, unsigned int n, bool v6, u32 ext)
{
	u32 unit = v6 ? 8 : 4, field;

	open_icmp(&msg, v6 ? 3 : 11, 0, 0);
	pkt_bytes(&msg, quoted.b, quoted.len);
	if (ext) {
		field = (quoted.len + 7) / 8 * 8;
		if (field < 128)
			field = 128;
		pkt_zero(&msg, field + 8 - msg.len);
		msg.b[v6 ? 4 : 5] = (u8)(field / unit);
		pkt_pattern(&msg, ext);
	}
	file.len = 0;
	pkt_u8(&file, v6 ? 0 : 1);
	pkt_pattern(&file, 18);
	pkt_bytes(&file, msg.b, msg.len);
	save(dir, "icmp", n);
}

int main(int argc, char **argv)
{
	unsigned int i, n = 0;

	assert(argc == 2);
	for (i = 0; i < ARRAY_SIZE(specs); i++) {
		struct spec s = specs[i];

		quoted.len = 0;
		build6(&quoted, &flow_in, &s);
		save_packet(argv[1], n, 0);
		save_packet(argv[1], n + 1, 2);
		save_error(argv[1], n, true, 0);
		save_error(argv[1], n + 1, true, 16);
		n += 2;
		quoted.len = 0;
		s.id_from_source = 1;
		build4(&quoted, &flow_out, &s);
		save_packet(argv[1], n, 1);
		save_packet(argv[1], n + 1, 3);
		save_error(argv[1], n, false, 0);
		save_error(argv[1], n + 1, false, 16);
		n += 2;
	}
	return 0;
}
