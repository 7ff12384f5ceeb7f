import type { Chance } from './chance.ts';
import { damageJson } from './json-damage.ts';

/** A reply as bytes, before it becomes a Response. */
export type Reply = { status: number; headers: Record<string, string>; body: Buffer };

const statuses = [
	...[200, 201, 202, 203, 204, 205, 206, 226, 300, 301, 302, 304, 307, 308],
	...[400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 412, 413, 415, 418, 422, 423, 425, 428, 429, 431, 451, 499],
	...[500, 501, 502, 503, 504, 507, 520, 599]
];

/** Headers with what they may hold: all of it passes HTTP's own rules. */
const headers: Readonly<Record<string, readonly string[]>> = {
	'content-type': ['text/html', 'application/octet-stream', 'image/png', 'application/json; charset=utf-16', ''],
	'retry-after': [
		...['0', '-1', '1e9', '99999999999999999999', '9'.repeat(400), 'NaN', '0.0001', 'soon', ' ', '120, 240'],
		...['Fri, 31 Dec 9999 23:59:59 GMT', 'Thu, 01 Jan 1970 00:00:00 GMT', '2026-11-28 15:00', '-271821', '275760']
	],
	date: ['Fri, 31 Dec 9999 23:59:59 GMT', 'yesterday', '0', 'Thu, 01 Jan 1970 00:00:00 GMT', '2026-11-28 15:00'],
	'x-server-time': [
		...['9'.repeat(400), '8640000000000000', '99999999999999', '-1', 'now', '2026-11-28T15:00:00'],
		...['0001-01-01T00:00:00Z', '+275760-09-13T00:00:00Z', '']
	],
	etag: ['', '"', 'W/"1"', 'x'.repeat(10_000), '\u00ff\u00fe', '*', '"1", "2"', '"tab\tinside"'],
	location: ['http://127.0.0.1:9/', '/', 'javascript:alert(1)'],
	'set-cookie': ['a=b; Domain=.', '__proto__=1'],
	'x-polluted': ['__proto__', 'constructor']
};

const pages = [
	'',
	' ',
	'null',
	'true',
	'0',
	'""',
	'[]',
	'{}',
	'[[]]',
	'{"__proto__":{"polluted":true}}',
	'<html><head><title>Sign in</title></head><body>Sign in</body></html>',
	`<${'<'.repeat(30_000)}`,
	'<style'.repeat(5000),
	'OK',
	'undefined',
	'{"items":[],"next":null}',
	'{"items":[],"next":"again"}',
	'{"id":1,"result":null}',
	'{"id":1,"result":[]}',
	'{"id":1,"error":["UserError",["No \\ud800",""]]}',
	'{"id":1,"error":["a\\u0000b",""]}',
	'{"id":1,"error":["ConcurrencyException",""]}',
	'{"message":"\\u0000 and \\ud83d"}',
	`{"message":"${'\ud83d\ude00'.repeat(600)}"}`,
	'['.repeat(100_000),
	'{"a":'.repeat(100_000),
	'\ufeff{"items":[],"next":null}',
	'{"items":[],"next":null}{"items":[],"next":null}',
	'// no\n{}',
	"{'items':[]}",
	'{"items":[,],"next":null}'
];

const damages: readonly ((reply: Reply, chance: Chance) => void)[] = [
	...Array.from({ length: 12 }, () => (reply: Reply, chance: Chance) => {
		reply.body = Buffer.from(damageJson(reply.body.toString('utf8'), chance));
	}),
	function anotherStatus(reply, chance) {
		reply.status = chance.pick(statuses);
	},
	function anotherHeader(reply, chance) {
		const name = chance.pick(Object.keys(headers));
		reply.headers[name] = chance.pick(headers[name] ?? []);
	},
	function askedToWait(reply, chance) {
		reply.status = chance.pick([429, 503, 425]);
		reply.headers['retry-after'] = chance.pick(headers['retry-after'] ?? []);
	},
	function anotherPage(reply, chance) {
		reply.body = Buffer.from(chance.pick(pages));
	},
	function errorPage(reply, chance) {
		reply.status = chance.pick(statuses);
		reply.body = Buffer.from(chance.pick(pages));
	},
	function cutOff(reply, chance) {
		reply.body = reply.body.subarray(0, chance.below(reply.body.length + 1));
	},
	function flippedByte(reply, chance) {
		if (reply.body.length === 0) return;
		reply.body = Buffer.from(reply.body);
		reply.body[chance.below(reply.body.length)] = chance.below(256);
	},
	function invalidUtf8(reply, chance) {
		const bytes = chance.pick([[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80], [0xe2, 0x82]]);
		const at = chance.below(reply.body.length + 1);
		reply.body = Buffer.concat([reply.body.subarray(0, at), Buffer.from(bytes), reply.body.subarray(at)]);
	},
	function anotherEncoding(reply, chance) {
		const as = chance.pick(['utf16le', 'latin1', 'base64', 'hex'] as const);
		reply.body = Buffer.from(
			as === 'latin1' || as === 'utf16le' ? Buffer.from(reply.body.toString(), as) : reply.body.toString(as)
		);
	},
	function padded(reply, chance) {
		const pad = Buffer.alloc(
			chance.pick([1, 1000, chance.is(0.05) ? 3_000_000 : 100_000]),
			chance.pick([0x20, 0x00, 0x41])
		);
		reply.body = Buffer.concat(chance.is(0.5) ? [pad, reply.body] : [reply.body, pad]);
	}
];

/** Damages a reply in one to three ways. */
export function damageReply(reply: Reply, chance: Chance): Reply {
	const damaged = { ...reply, headers: { ...reply.headers } };
	const times = chance.is(0.75) ? 1 : 2 + chance.below(2);
	for (let time = 0; time < times; time += 1) chance.pick(damages)(damaged, chance);
	return damaged;
}
