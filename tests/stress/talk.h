/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Conversations of clients behind the translator with servers: valid packets,
 * in an order that makes sense, one at a time.
 */
#ifndef _NAT64_STRESS_TALK_H
#define _NAT64_STRESS_TALK_H

#include "wire.h"

enum talk_kind {
	TALK_UDP,
	TALK_ECHO,
	TALK_TCP,
	TALK_FTP,
	TALK_RTSP,
	TALK_PPTP,
	TALK_KINDS
};

enum { CLIENT, SERVER };

/**
 * struct talk - a conversation
 * @kind: what about
 * @client: address of the client
 * @server: address of the server
 * @pool: address of the client as the server has seen it
 * @port: of the client
 * @sport: of the server
 * @pport: of the client as the server has seen it
 * @data: port of the data flow, or call id
 * @steps: packets so far
 * @line: message of the protocol
 * @number: of requests so far
 * @next: sequence number that the client, the server will send
 * @ack: what the client, the server acknowledges
 * @seen: last packet that reached the client, the server
 */
struct talk {
	enum talk_kind kind;
	uint8_t client[16];
	uint32_t server;
	uint32_t pool;
	uint16_t port;
	uint16_t sport;
	uint16_t pport;
	uint16_t data;
	unsigned int steps;
	unsigned int line;
	unsigned int number;
	uint32_t next[2];
	uint32_t ack[2];
	struct packet seen[2];
};

/** talk_begin() - another conversation, of any kind */
void talk_begin(struct talk *t);

/**
 * talk_step() - the next packet
 * Return: who sends it.
 */
int talk_step(struct talk *t, struct packet *p);

/** talk_heard() - @who has got @p, perhaps as part of @t */
void talk_heard(struct talk *t, int who, const struct packet *p);

/** text_next(), text of the next message of an ALG's protocol; its length */
unsigned int text_next(struct talk *t, int who, uint8_t *text);

/** text_turn() - who has the next message */
int text_turn(const struct talk *t);

#endif /* _NAT64_STRESS_TALK_H */
