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

	it('does not count brackets inside strings', () => {
		expect(parseJson(JSON.stringify('[{"\\'.repeat(100)), 'erp')).toBe('[{"\\'.repeat(100));
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
