/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The few names that the PURE ring (address, header, icmp, checksum,
 * tcpstate, stream and the ALGs) needs from its surroundings, so that the
 * same sources build in the kernel and in user space.
 *
 * This is the only file of the project with an #ifdef __KERNEL__.
 */
#ifndef _NAT64_PORTABLE_H
#define _NAT64_PORTABLE_H

#ifdef __KERNEL__

#include <linux/errno.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>

#else /* user space */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/types.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

#ifndef __force
#define __force
#endif
#define __must_check __attribute__((warn_unused_result))
#define __packed __attribute__((packed))
#define __aligned(x) __attribute__((aligned(x)))
#define fallthrough __attribute__((__fallthrough__))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define min_t(type, a, b) ({		\
	type __min_a = (a);		\
	type __min_b = (b);		\
	__min_a < __min_b ? __min_a : __min_b; })
#define max_t(type, a, b) ({		\
	type __max_a = (a);		\
	type __max_b = (b);		\
	__max_a > __max_b ? __max_a : __max_b; })
#define min(a, b) min_t(__typeof__((a) + (b)), a, b)
#define max(a, b) max_t(__typeof__((a) + (b)), a, b)

#define cpu_to_be16(v) htons(v)
#define cpu_to_be32(v) htonl(v)
#define be16_to_cpu(v) ntohs(v)
#define be32_to_cpu(v) ntohl(v)

#endif

/*
 * Access to fields at any alignment. get and put convert to and from host
 * order; load and store move the bytes as they are on the wire.
 */
static inline u16 nat64_get_be16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

static inline u32 nat64_get_be32(const u8 *p)
{
	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

static inline void nat64_put_be16(u16 v, u8 *p)
{
	p[0] = (u8)(v >> 8);
	p[1] = (u8)v;
}

static inline void nat64_put_be32(u32 v, u8 *p)
{
	nat64_put_be16((u16)(v >> 16), p);
	nat64_put_be16((u16)v, p + 2);
}

static inline __be16 nat64_load_be16(const void *p)
{
	__be16 v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

static inline __be32 nat64_load_be32(const void *p)
{
	__be32 v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

static inline void nat64_store_be16(__be16 v, void *p)
{
	__builtin_memcpy(p, &v, sizeof(v));
}

static inline void nat64_store_be32(__be32 v, void *p)
{
	__builtin_memcpy(p, &v, sizeof(v));
}

#endif /* _NAT64_PORTABLE_H */
