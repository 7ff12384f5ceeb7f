import { describe, expect, it } from 'vitest';
import { errorForStatus, kindForStatus } from './error-for-status.ts';
import { JsonNumber, parseJson, readableReply } from './parse-json.ts';

describe('parseJson', () => {
	it('keeps every digit of a number when asked to', () => {
		const value = parseJson('{"id":9007199254740993,"price":12.50,"n":[1e400]}', 'erp', { exactNumbers: true });
		expect(value).toEqual({
			id: new JsonNumber('9007199254740993'),
			price: new JsonNumber('12.50'),
			n: [new JsonNumber('1e400')]
		});
		expect(parseJson('[12.5]', 'erp')).toEqual([12.5]);
	});

	it('drops __proto__', () => {
		const value = parseJson('{"__proto__":{"admin":true},"a":{"__proto__":1}}', 'erp') as object;
		expect(Object.keys(value)).toEqual(['a']);
		expect(Reflect.get(Object.assign({}, value), 'admin')).toBeUndefined();
	});

	it.each([
		['<html><body>Sign in</body></html>', 'web page'],
		['{"a":1', 'not JSON'],
		['', 'not JSON'],
		['['.repeat(200_000) + ']'.repeat(200_000), 'nested'],
		['{"a":NaN}', 'not JSON']
	])('says what is wrong with %.20s', (text, words) => {
		expect(() => parseJson(text, 'erp.example')).toThrow(
			expect.objectContaining({ kind: 'invalid-reply', hint: expect.stringMatching(`erp.example.*${words}`) })
		);
	});

	it('takes the last of two equal keys, with its own digits', () => {
		expect(parseJson('{"a":1.0,"a":2.00}', 'erp', { exactNumbers: true })).toEqual({ a: new JsonNumber('2.00') });
	});

	it('refuses more values than a page can have, before they fill the memory', () => {
		const error = expect.objectContaining({ kind: 'invalid-reply', hint: expect.stringContaining('500000 values') });
		expect(() => parseJson(`[${'1,'.repeat(600_000)}1]`, 'erp')).toThrow(error as Error);
		expect(parseJson(`"${','.repeat(600_000)}"`, 'erp')).toHaveLength(600_000);
	});

	it('does not count brackets inside strings', () => {
		expect(parseJson(JSON.stringify('[{"\\'.repeat(100)), 'erp')).toBe('[{"\\'.repeat(100));
	});

	it.each(['<style'.repeat(4000), '<'.repeat(20_000), '<script '.repeat(3000)])('reads %.8s... once', (page) => {
		const startedMs = performance.now();
		readableReply(page);
		expect(performance.now() - startedMs).toBeLessThan(100);
	});

	it('cuts between characters and keeps nothing that cannot be stored', () => {
		expect(readableReply(`x${'\u{1f600}'.repeat(400)}`).isWellFormed()).toBe(true);
		const said = errorForStatus(
			{ status: 422, headers: {}, text: '' },
			'erp',
			`no\u0000 ${'\u{1f600}'.repeat(400)}\ud83d`
		);
		expect([said.hint.isWellFormed(), said.reply?.isWellFormed(), said.reply?.includes('\u0000')]).toEqual([
			true,
			true,
			false
		]);
	});

	it('makes an error page readable', () => {
		expect(readableReply('<style>p{}</style><h1>Bad\n\tthing</h1><script>x</script>')).toBe('Bad thing');
	});
});

describe('errorForStatus', () => {
	it.each([
		[401, 'unauthorized'],
		[403, 'unauthorized'],
		[404, 'missing'],
		[409, 'duplicate'],
		[412, 'conflict'],
		[400, 'rejected'],
		[422, 'rejected'],
		[429, 'rate-limited'],
		[302, 'misconfigured'],
		[500, 'unreachable'],
		[503, 'unreachable']
	])('%i is %s', (status, kind) => {
		const error = errorForStatus({ status, headers: {}, text: '{"message":"no such"}' }, 'erp.example');
		expect(error.kind).toBe(kind);
		expect(error.hint).toContain('erp.example');
		expect(error.reply).toBe('{"message":"no such"}');
	});

	it('passes on the words and the delay of the channel', () => {
		const error = errorForStatus({ status: 429, headers: {}, text: 'x', retryAfterMs: 7000 }, 'erp', 'too fast');
		expect(error).toMatchObject({ retryAfterMs: 7000, reply: 'too fast' });
		expect(kindForStatus(204)).toBeNull();
	});
});
