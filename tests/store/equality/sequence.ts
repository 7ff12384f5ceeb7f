import { createMemoryStore } from '#src/store/memory/create-memory-store.ts';
import { createPeopleStore } from '#src/store/people.ts';
import { createStore } from '#src/store/store.ts';
import { firstDifference, prepareDump, stable, type Dump } from '../dump.ts';
import { openVirtualClockDatabase } from '../virtual-clock-database.ts';
import { createSteps } from './create-steps.ts';
import { customFieldSteps } from './custom-field-steps.ts';
import { linkSteps } from './link-steps.ts';
import { personSteps, plainSteps } from './person-steps.ts';
import { primarySteps } from './primary-steps.ts';
import { createRandom, type Random } from './random.ts';
import { untold } from '../replayed.ts';
import { withoutSeals } from '../canonical.ts';
import { restoreSteps } from './restore-steps.ts';
import { runSteps } from './run-steps.ts';
import { execute, plainMemory, plainSql, type Step, type Target } from './step.ts';
import { valueSteps } from './value-steps.ts';
import { createView } from './view.ts';
import { webhookSteps } from './webhook-steps.ts';

/** Every verb and how a call of it is made up. */
export const makers = {
	...runSteps,
	...linkSteps,
	...createSteps,
	...personSteps,
	...primarySteps,
	...restoreSteps,
	...webhookSteps,
	...valueSteps,
	...customFieldSteps,
	...plainSteps
};

/** What differs after which steps. */
export type Difference = { seed: number; steps: Step[]; what: string };

/** Both stores, side by side. */
export type Rig = {
	/** Runs one made-up sequence; null where both stores agree all the way. `done` hears of every result. */
	run(seed: number, length: number, done?: (step: Step, result: unknown) => void): Promise<Difference | null>;
	/** Plays these steps; in words what differs, null where both stores agree all the way. */
	replay(steps: readonly Step[], done?: (step: Step, result: unknown) => void): Promise<string | null>;
	/** The same difference with as few steps as can be found in `tries` runs. */
	shrink(difference: Difference, tries: number): Promise<Difference>;
	close(): Promise<void>;
};

type Both = {
	memory: { target: Target; dump(): Dump };
	postgres: { target: Target; dump(): Promise<Dump> };
	advance(micros: bigint): Promise<void>;
	nowMs(): number;
};

const startMicros = 1_780_271_998_999_999n;
const stepsBetweenDumps = 6;

/** Calls that take place more often than others, so that there is something to work on. */
const often = [
	'recordPage',
	'insert',
	'update',
	'linkRecords',
	'acceptSuggestion',
	'saveMatches',
	'unlinkRecords',
	'undoUnlink',
	'restoreRecord',
	'makePrimary',
	'makePrimary',
	'repointLink',
	'resolveConflicts',
	'resolveMany',
	'takeOtherValue',
	'takeOtherValue',
	'takeOtherValue',
	'commitLinks',
	'rejectSuggestion',
	'undoJudgement',
	'undoJudgement',
	'createToken',
	'revokeToken',
	'giveBack',
	'giveBack',
	'giveBack',
	'commitLinks',
	'clock',
	'drainOutbox',
	'saveMatches',
	'openIntents',
	'acceptWebhook',
	'saveValues',
	'replaceWebhookSecret',
	'queueRun',
	'beginRun'
];

export async function openRig(serverUrl: string): Promise<Rig> {
	const database = await openVirtualClockDatabase(serverUrl);
	const { db } = database;
	const dumpPostgres = await prepareDump(db);

	/** Both stores empty, at the start of time. */
	const fresh = async (): Promise<Both> => {
		let now = startMicros;
		await database.reset();
		await database.setNowMicros(now);
		const memory = createMemoryStore({ nowMicros: () => now });
		return {
			memory: {
				target: { store: memory.store, people: memory.people, plain: plainMemory(memory) },
				dump: () => memory.dump()
			},
			postgres: {
				target: { store: createStore(db), people: createPeopleStore(db), plain: plainSql(db) },
				dump: dumpPostgres
			},
			advance: async (micros) => {
				now += micros;
				await database.setNowMicros(now);
			},
			nowMs: () => Number(now / 1000n)
		};
	};
	/** Takes steps from `next` until it gives none; what differed first, if anything. */
	const play = async (
		next: (both: Both) => Step | null,
		taken: Step[],
		done?: (step: Step, result: unknown) => void
	) => {
		const both = await fresh();
		for (;;) {
			const step = next(both);
			if (step === null) return compareDumps(both);
			taken.push(step);
			const what = await take(both, step, done);
			if (what !== null) return what;
			if (taken.length % stepsBetweenDumps !== 0) continue;
			const difference = await compareDumps(both);
			if (difference !== null) return difference;
		}
	};
	const replay = async (
		steps: readonly Step[],
		done?: (step: Step, result: unknown) => void
	): Promise<{ steps: Step[]; what: string } | null> => {
		const taken: Step[] = [];
		const what = await play(() => steps[taken.length] ?? null, taken, done);
		return what === null ? null : { steps: taken, what };
	};
	return {
		async run(seed, length, done) {
			const random = createRandom(seed);
			const taken: Step[] = [];
			const what = await play(
				(both) => (taken.length < length ? nextStep(random, both, taken.length) : null),
				taken,
				done
			);
			return what === null ? null : { seed, steps: taken, what };
		},
		replay: async (steps, done) => (await replay(steps, done))?.what ?? null,
		async shrink(difference, tries) {
			let best = difference;
			for (
				let size = Math.ceil(best.steps.length / 2);
				size >= 1 && tries > 0;
				size = size === 1 ? 0 : Math.ceil(size / 2)
			) {
				for (let from = best.steps.length - size; from > -size && tries > 0; from -= size, tries--) {
					const start = Math.max(0, from);
					const fewer = await replay([...best.steps.slice(0, start), ...best.steps.slice(from + size)]);
					if (fewer !== null && fewer.steps.length < best.steps.length) best = { ...best, ...fewer };
				}
			}
			return best;
		},
		close: database.close
	};
}

const atErp = { channelId: '1', entity: 'product' };

/** The first steps are always the same: somewhere to link to. */
const opening: readonly Step[] = [
	channel('ERP'),
	channel('Shop'),
	...[1, 2, 3, 4, 5].map((n): Step => ({
		port: 'plain',
		verb: 'insert',
		entity: 'product',
		fields: { value: `P-${n}`, name: `Tent ${n}`, price: String(n), is_active: true }
	})),
	{ port: 'plain', verb: 'insert', entity: 'business-partner', fields: { value: 'B-1', name: 'Ann', is_active: true } },
	// One that can be put back.
	{
		port: 'people',
		verb: 'addCustomField',
		input: { entity: 'product', name: 'fragile', label: 'Fragile', type: 'boolean', maxLength: null, scale: null }
	},
	{ port: 'people', verb: 'removeCustomField', input: { entity: 'product', name: 'fragile' } },
	{ port: 'store', verb: 'queueRun', input: { ...atErp, mode: 'full', startedBy: 'schedule', linkIds: null } },
	{
		port: 'store',
		verb: 'recordPage',
		input: { ...atErp, records: [1, 2, 3, 4, 5, 6].map(seen), complete: true, cursor: null, run: null }
	},
	...[1, 2, 3].map((n): Step => ({
		port: 'people',
		verb: 'linkRecords',
		input: { ...atErp, internalId: String(n), externalId: `E${n}`, variantId: '' }
	}))
];

function seen(n: number) {
	const fields = { value: `P-${n}`, name: `Tent ${n}`, price: String(n) };
	const tags = { version: 'v1', stamp: '2026-05-31T23:00:00Z', reference: null, url: null };
	return { externalId: `E${n}`, variantId: '', fields, ...tags, matchKeys: [`value=p${n}`] };
}

function channel(name: string): Step {
	const input = {
		name,
		connector: 'memory',
		settings: {},
		credentials: {},
		entities: ['product', 'business-partner'],
		secretKey: 'a secret key for tests, 32 characters'
	};
	return { port: 'people', verb: 'createChannel', input };
}

function nextStep(random: Random, both: Both, place: number): Step {
	const first = opening[place];
	if (first) return first;
	const names = Object.keys(makers);
	const verb = random.chance(0.45) ? random.pick(often) : random.pick(names);
	const make = makers[verb];
	if (!make) throw new Error(`nothing makes a call of ${verb}`);
	return make(createView(random, both.memory.dump(), both.nowMs()));
}

async function take(both: Both, step: Step, done?: (step: Step, result: unknown) => void): Promise<string | null> {
	if (step.port === 'clock') {
		await both.advance(BigInt(step.micros));
		done?.(step, undefined);
		return null;
	}
	const [memory, postgres] = [await execute(both.memory.target, step), await execute(both.postgres.target, step)];
	done?.(step, postgres);
	if (stable(comparable(memory)) === stable(comparable(postgres))) return null;
	return `${step.verb} returned\n  memory     ${stable(memory)}\n  PostgreSQL ${stable(postgres)}`;
}

async function compareDumps(both: Both): Promise<string | null> {
	const postgres = await both.postgres.dump();
	const memory = both.memory.dump();
	const shared = Object.fromEntries(Object.keys(memory).map((table) => [table, masked(table, postgres[table] ?? [])]));
	const typed = Object.fromEntries(Object.entries(memory).map(([table, rows]) => [table, masked(table, rows)]));
	return firstDifference(typed, shared, ['memory', 'PostgreSQL']) ?? untold(postgres);
}

type Rows = Dump[string];

/** Sealed credentials differ by their nonce. */
function masked(table: string, rows: Rows): Rows {
	// In which order a trigger's GROUP BY appends differences is the planner's choice, and nobody reads their ids.
	if (table === 'sync_link_count') {
		return rows.map(({ id: _, ...row }) => row).sort((one, other) => (stable(one) < stable(other) ? -1 : 1));
	}
	if (table === 'c_channel_webhook') return rows.map(withoutSeals);
	if (table !== 'c_channel') return rows;
	return rows.map((row) => ({ ...row, credentials: Object.keys(row['credentials'] as object).sort() }));
}

/** A field that is undefined is one that is not there. */
function comparable(value: unknown): unknown {
	if (value instanceof Map) return comparable(Object.fromEntries(value));
	if (Array.isArray(value)) return value.map(comparable);
	if (value === null || typeof value !== 'object') return value;
	const entries = Object.entries(value).filter(([, each]) => each !== undefined);
	return Object.fromEntries(
		entries.map(([key, each]) => [key, key === 'credentials' ? Object.keys(each as object).sort() : comparable(each)])
	);
}
