// SPDX-License-Identifier: GPL-2.0
/* What is said on the control connections of FTP, RTSP and PPTP. */
#include <stdio.h>
#include <string.h>

#include "talk.h"

#define TEXT_MAX 700

/*
 * Requests and their answers. %P is a port as "high,low", %p as a number, %q
 * the one after it, %n the number of the request, %l the length of the body.
 */
struct line {
	const char *ask;
	const char *answer;
	const char *body;
};

static const struct line ftp[] = {
	{ "USER anonymous\r\n", "331 password?\r\n", NULL },
	{ "PORT 192,168,1,2,%P\r\n", "200 PORT ok\r\n", NULL },
	{ "PASV\r\n", "227 Entering Passive Mode (203,0,113,9,%P).\r\n", NULL },
	{ "EPSV\r\n", "229 Entering Extended Passive Mode (|||%p|)\r\n", NULL },
	{ "EPSV\r\n", "227 Passive (203,0,113,9,%P)\r\n", NULL },
	{ "EPRT |2|2001:db8:1::10|%p|\r\n", "200 ok\r\n", NULL },
	{ "EPRT |1|192.168.1.2|%p|\r\n", "500 what?\r\n", NULL },
	{ "RETR a\r\n", "150-first\r\n150 second\r\n226 done\r\n", NULL },
	{ "ALGS STATUS64\r\n", "202 no\r\n", NULL },
	{ "AUTH TLS\r\n", "504 no\r\n", NULL },
	{ "LANG en\r\n", "200 en\r\n", NULL },
	{ "PORT 10,0,0,1,%P\r\nPASV\r\n",
	  "200 ok\r\n227 (203,0,113,9,%P)\r\n", NULL },
};

static const struct line rtsp[] = {
	{ "OPTIONS rtsp://203.0.113.9/a RTSP/1.0\r\nCSeq: %n\r\n\r\n",
	  "RTSP/1.0 200 OK\r\nCSeq: %n\r\nPublic: SETUP, PLAY\r\n\r\n", NULL },
	{ "DESCRIBE rtsp://203.0.113.9/a RTSP/1.0\r\nCSeq: %n\r\n\r\n",
	  "RTSP/1.0 200 OK\r\nCSeq: %n\r\nContent-Type: application/sdp\r\n"
	  "Content-Length: %l\r\n\r\n",
	  "v=0\r\no=- 1 1 IN IP4 203.0.113.9\r\ns=x\r\nc=IN IP4 203.0.113.9\r\n"
	  "t=0 0\r\nm=audio 0 RTP/AVP 0\r\na=control:track1\r\n" },
	{ "SETUP rtsp://203.0.113.9/a/track1 RTSP/1.0\r\nCSeq: %n\r\n"
	  "Transport: RTP/AVP;unicast;client_port=%p-%q\r\n\r\n",
	  "RTSP/1.0 200 OK\r\nCSeq: %n\r\nSession: 12345;timeout=60\r\n"
	  "Transport: RTP/AVP;unicast;client_port=%p-%q;"
	  "server_port=5000-5001\r\n\r\n", NULL },
	{ "SETUP rtsp://203.0.113.9/a/track2 RTSP/1.0\r\nCSeq: %n\r\n"
	  "Transport: RTP/AVP/TCP;unicast;interleaved=0-1,"
	  "RTP/AVP;unicast;destination=192.168.1.2;client_port=%p-%q\r\n\r\n",
	  "RTSP/1.0 200 OK\r\nCSeq: %n\r\nSession: 12345\r\n"
	  "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n"
	  "$%z", NULL },
	{ "PLAY rtsp://203.0.113.9/a RTSP/1.0\r\nCSeq: %n\r\n"
	  "Session: 12345\r\nRange: npt=0-\r\n\r\n",
	  "RTSP/1.0 200 OK\r\nCSeq: %n\r\nSession: 12345\r\n\r\n", NULL },
	{ "TEARDOWN rtsp://203.0.113.9/a RTSP/1.0\r\nCSeq: %n\r\n"
	  "Session: 12345\r\n\r\n",
	  "RTSP/1.0 454 Session Not Found\r\nCSeq: %n\r\n\r\n", NULL },
};

static unsigned int expand(const struct talk *t, const char *format,
			   const char *body, char *text)
{
	unsigned int len = 0;

	for (; *format; format++) {
		unsigned int room = TEXT_MAX - len;

		if (*format != '%') {
			text[len++] = *format;
			continue;
		}
		switch (*++format) {
		case 'P':
			len += snprintf(text + len, room, "%u,%u", t->data >> 8,
					t->data & 255);
			break;
		case 'p':
			len += snprintf(text + len, room, "%u", t->data);
			break;
		case 'q':
			len += snprintf(text + len, room, "%u", t->data + 1);
			break;
		case 'n':
			len += snprintf(text + len, room, "%u", t->number);
			break;
		case 'l':
			len += snprintf(text + len, room, "%zu", strlen(body));
			break;
		case 'z':
			/* a frame of four octets on channel 0 */
			memcpy(text + len, "\0\0\4abcd", 7);
			len += 7;
			break;
		}
	}
	if (body)
		len += snprintf(text + len, TEXT_MAX - len, "%s", body);
	return len;
}

static unsigned int say(struct talk *t, int who, const struct line *lines,
			unsigned int count, char *text)
{
	const struct line *line;

	if (who == CLIENT) {
		t->line = choice(count);
		t->number++;
		t->data = 5000 + choice(40000);
	}
	line = &lines[t->line % count];
	if (who == CLIENT)
		return expand(t, line->ask, NULL, text);
	return expand(t, line->answer, line->body, text);
}

/* RFC 2637: request, answer, lengths, offset of the ids that are told */
static const struct {
	uint8_t type[2];
	uint8_t len[2];
} pptp[] = {
	{ { 1, 2 }, { 156, 156 } },	/* Start-Control-Connection */
	{ { 7, 8 }, { 168, 32 } },	/* Outgoing-Call */
	{ { 15, 15 }, { 24, 24 } },	/* Set-Link-Info */
	{ { 5, 6 }, { 16, 20 } },	/* Echo */
	{ { 12, 13 }, { 16, 148 } },	/* Call-Clear, Call-Disconnect-Notify */
	{ { 7, 8 }, { 168, 32 } },
	{ { 14, 14 }, { 40, 40 } },	/* WAN-Error-Notify */
};

static unsigned int say_pptp(struct talk *t, int who, uint8_t *text)
{
	unsigned int line, len;

	if (who == CLIENT) {
		t->line = t->number++ ? choice(sizeof(pptp) / sizeof(*pptp)) :
					0;
		if (pptp[t->line].type[0] == 7)
			t->data = chance(1, 8) ? 0 : choice(0x10000);
	}
	line = t->line;
	len = pptp[line].len[who];
	memset(text, 0, len);
	put16(text, len);
	put16(text + 2, 1);
	put32(text + 4, 0x1a2b3c4d);
	put16(text + 8, pptp[line].type[who]);
	if (len > 12)
		put16(text + 12, t->data);
	if (pptp[line].type[who] == 8)
		put16(text + 14, t->data);
	if (pptp[line].type[who] <= 2)
		put16(text + 12, 0x100);
	if (who == SERVER && len > 16)
		text[16] = 1;
	return len;
}

int text_turn(const struct talk *t)
{
	/* A server of FTP greets; then they take turns. */
	if (t->kind == TALK_FTP)
		return t->steps % 2 ? SERVER : CLIENT;
	return t->steps % 2 ? CLIENT : SERVER;
}

unsigned int text_next(struct talk *t, int who, uint8_t *text)
{
	switch (t->kind) {
	case TALK_FTP:
		if (t->steps == 3)
			return expand(t, "220 ready\r\n", NULL, (char *)text);
		return say(t, who, ftp, sizeof(ftp) / sizeof(*ftp),
			   (char *)text);
	case TALK_RTSP:
		return say(t, who, rtsp, sizeof(rtsp) / sizeof(*rtsp),
			   (char *)text);
	case TALK_PPTP:
		return say_pptp(t, who, text);
	default:
		memset(text, 'x', 64);
		return choice(64);
	}
}
