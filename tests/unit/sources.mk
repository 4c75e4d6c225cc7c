# SPDX-License-Identifier: GPL-2.0
# The PURE ring and its tests, for user space and for KUnit.
PURE := address edits header icmp stream tcpstate
ALGS := endpoint ftp ftpclient ftpserver pending telnet text
ALGS += edit media message rtsp sdp transport
ALGS += pptp
TESTS := ktap core network packet toy test_address test_checksum test_core
TESTS += test_endpoint test_ftp test_header test_icmp test_stream
TESTS += test_tcpstate test_text
TESTS += talk test_hostile test_rtsp test_sdp test_transport
TESTS += test_pptp
