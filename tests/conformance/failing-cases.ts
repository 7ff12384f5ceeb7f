import { expect } from 'vitest';
import type { CallOptions, ExternalKey } from '#src/engine/connectors/connector.ts';
import type { Case } from './exercise-connector.ts';
import type { Stage } from './stage.ts';

const hasWire = (stage: Stage) => stage.exercise.wire === 'http';

/** Every way to call the channel, by name. */
function everyCall(stage: Stage, key: ExternalKey): Record<string, (options?: CallOptions) => Promise<unknown>> {
	const { resource, session } = stage;
	const fields = stage.named('Must not arrive');
	return {
		probe: (options) => session.probe(options),
		list: (options) => resource.list(null, options),
		read: (options) => resource.read([key], options),
		search: (options) => resource.search('Tent', options),
		...(resource.changes && { changes: (options) => resource.changes!('2020-01-01T00:00:00Z', null, options) }),
		...(resource.findByReference && { find: (options) => resource.findByReference!(['cm-x'], options) }),
		...(resource.update && { update: (options) => resource.update!({ ...key, version: null, fields }, options) }),
		...(resource.create && {
			create: (options) => resource.create!({ reference: 'cm-late', fields: stage.values(fields) }, options)
		})
	};
}

const answers = {
	'half an answer': () => new Response('{"items": [{"id": '),
	'a web page': () =>
		new Response('<!doctype html><title>Sign in</title>', { headers: { 'content-type': 'text/html' } }),
	'an empty answer': () => new Response(''),
	'an answer of another shape': () => new Response('{"surprise": []}'),
	'a bare null': () => new Response('null'),
	'deep nesting': () => new Response('['.repeat(100_000) + ']'.repeat(100_000)),
	'bytes that are no UTF-8': () => new Response(new Uint8Array([0x22, 0xff, 0x22]))
};

/** 17 MiB, more than a transport takes. */
function hugeAnswer(): Response {
	const chunk = new Uint8Array(1024 * 1024).fill(0x20);
	let left = 17;
	return new Response(
		new ReadableStream<Uint8Array>({
			pull(controller) {
				if ((left -= 1) < 0) controller.close();
				else controller.enqueue(chunk);
			}
		})
	);
}

export const failingCases: readonly Case[] = [
	{
		name: 'wrong credentials are unauthorized and say what to renew',
		async run(stage) {
			const { session, resource } = stage.open(stage.rig.wrongCredentials);
			const error = await stage.fails(session.probe(), 'unauthorized');
			expect(error.hint).toMatch(/renew|key|password|credential/i);
			await stage.fails(resource.list(null), 'unauthorized');
		}
	},
	{
		name: 'settings that make no sense are named and make no call',
		async run(stage) {
			const { connector, credentials } = stage.rig;
			expect(connector.check(stage.rig.settings)).toEqual([]);
			expect(connector.check({ nonsense: 1 }).length).toBeGreaterThan(0);
			expect(connector.check(null).length).toBeGreaterThan(0);
			const open = async () =>
				connector.open({ settings: { nonsense: 1 }, credentials, transport: () => expect.unreachable('a call') });
			await stage.fails(open(), 'misconfigured');
		}
	},
	{
		name: 'no call goes out after its deadline',
		async run(stage) {
			const key = await stage.seedOne();
			const [before, count] = [await stage.one(key), (await stage.listAll()).length];
			const sent = stage.wire.sent();
			for (const [name, call] of Object.entries(everyCall(stage, key))) {
				await stage.fails(call({ sendBy: -1 }), 'expired');
				expect(stage.wire.sent(), name).toBe(sent);
			}
			expect(await stage.one(key)).toEqual(before);
			expect((await stage.listAll()).length).toBe(count);
		}
	},
	{
		name: 'a cancelled call is not sent',
		async run(stage) {
			const key = await stage.seedOne();
			const before = await stage.one(key);
			const sent = stage.wire.sent();
			for (const [name, call] of Object.entries(everyCall(stage, key))) {
				await stage.fails(call({ signal: AbortSignal.abort() }), 'expired');
				expect(stage.wire.sent(), name).toBe(sent);
			}
			expect(await stage.one(key)).toEqual(before);
		}
	},
	{
		name: 'a call cancelled on its way ends at once',
		needs: hasWire,
		async run(stage) {
			await stage.session.probe();
			const controller = new AbortController();
			stage.wire.answer(() => {
				controller.abort();
				throw new DOMException('This operation was aborted', 'AbortError');
			});
			await stage.fails(stage.resource.list(null, { signal: controller.signal }), 'unreachable');
		}
	},
	{
		name: 'a channel that nobody answers for is unreachable, and the hint names its host',
		needs: hasWire,
		async run(stage) {
			const key = await stage.seedOne();
			await stage.session.probe();
			stage.wire.cut();
			for (const call of Object.values(everyCall(stage, key))) {
				const error = await stage.fails(call(), 'unreachable');
				expect(error.hint).toMatch(/\w+[.:]\w+/);
			}
		}
	},
	...Object.entries(answers).map(([what, answer]): Case => ({
		name: `${what} is an invalid reply`,
		needs: hasWire,
		async run(stage) {
			const key = await stage.seedOne();
			await stage.session.probe();
			stage.wire.answer(answer);
			for (const name of ['list', 'read', 'search', 'changes', 'find']) {
				const call = everyCall(stage, key)[name];
				if (call) await stage.fails(call(), 'invalid-reply');
			}
		}
	})),
	{
		name: 'an endless answer is cut off',
		needs: hasWire,
		async run(stage) {
			await stage.session.probe();
			stage.wire.answer(hugeAnswer);
			await stage.fails(stage.resource.list(null), 'invalid-reply');
		}
	},
	{
		name: 'a channel that asks to slow down is rate-limited, for as long as it says',
		needs: hasWire,
		async run(stage) {
			const key = await stage.seedOne();
			await stage.session.probe();
			const date = 'Sat, 28 Nov 2026 15:00:00 GMT';
			for (const [after, expected] of [
				['7', 7000],
				['Sat, 28 Nov 2026 15:00:30 GMT', 30_000]
			] as const) {
				stage.wire.answer(() => new Response('slow down', { status: 429, headers: { date, 'retry-after': after } }));
				for (const call of Object.values(everyCall(stage, key))) {
					expect((await stage.fails(call(), 'rate-limited')).retryAfterMs).toBe(expected);
				}
			}
		}
	},
	{
		name: 'a channel in trouble is unreachable, and no write is tried twice',
		needs: hasWire,
		async run(stage) {
			const key = await stage.seedOne();
			await stage.session.probe();
			for (const status of [500, 502, 503]) {
				stage.wire.answer(() => new Response('<h1>Trouble</h1>', { status }));
				for (const [name, call] of Object.entries(everyCall(stage, key))) {
					const sent = stage.wire.sent();
					await stage.fails(call(), 'unreachable');
					expect(stage.wire.sent() - sent, name).toBe(1);
				}
			}
		}
	},
	{
		name: 'a mapped field that vanished from the records is an invalid reply, not an empty value',
		needs: (stage) => hasWire(stage) && stage.exercise.withoutField !== undefined,
		async run(stage) {
			const key = await stage.seedOne();
			await stage.session.probe();
			stage.wire.rewrite((body) => stage.exercise.withoutField!(body) ?? body);
			await stage.fails(stage.resource.list(null), 'invalid-reply');
			await stage.fails(stage.resource.read([key]), 'invalid-reply');
		}
	}
];
