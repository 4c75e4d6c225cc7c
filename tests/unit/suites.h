/* SPDX-License-Identifier: GPL-2.0 */
/* Every suite, in the order in which they run. */
#ifndef _NAT64_TESTS_SUITES_H
#define _NAT64_TESTS_SUITES_H

#include "ktap.h"

#define SUITES(X)							\
	X(address) X(checksum) X(endpoint) X(ftp) X(header) X(icmp)	\
	X(core) X(stream) X(tcpstate) X(text) X(rtsp) X(transport)	\
	X(sdp) X(hostile) X(pptp)

#define X(name) extern const struct suite suite_##name;
SUITES(X)
#undef X

#endif
