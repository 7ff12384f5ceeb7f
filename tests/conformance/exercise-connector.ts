import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connector, ExternalKey } from '#src/engine/connectors/connector.ts';
import type { Fields, Value } from '#src/sync/fields.ts';
import { creatingCases } from './creating-cases.ts';
import { failingCases } from './failing-cases.ts';
import { jointCases } from './joint-cases.ts';
import { readingCases } from './reading-cases.ts';
import { openStage, type Stage } from './stage.ts';
import { writingCases } from './writing-cases.ts';

/** A running channel, and hands that reach into it behind the connector's back. Values are in our field names. */
export type Rig = {
	connector: Connector;
	settings: unknown;
	credentials: Readonly<Record<string, string>>;
	/** Credentials that the channel refuses, of another user where too many bad tries lock one out. */
	wrongCredentials: Readonly<Record<string, string>>;
	/** Makes these records, with one stamp for all where the channel can; answers their keys in the same order. */
	seed(records: readonly Fields[]): Promise<readonly ExternalKey[]>;
	/** Changes a record as a user of the channel would. */
	edit(key: ExternalKey, fields: Fields): Promise<void>;
	/** Makes what a new record of these values points to; answers the values with it. Absent = it points to nothing. */
	complete?(fields: Fields): Promise<Fields>;
	/** Deletes a record for good. */
	remove(key: ExternalKey): Promise<void>;
	/** Lets the channel's clock go on by at least this much. Default: really waits. */
	pass?(ms: number): Promise<void>;
	stop?(): Promise<void>;
};

export type Exercise = {
	/** Heads the tests, such as "rest against the demo ERP". */
	name: string;
	entity: string;
	/** Starts the channel once for all cases. It may hold records already; cases look only at those they made. */
	start(): Promise<Rig>;
	/**
	 * Longest that the start, and each case, may take, and four times as long as one answer: a real system on a busy machine is slow.
	 * Absent = a minute, and answers as in production.
	 */
	patienceMs?: number;
	/**
	 * Our names of the fields to try. `code` must identify a record in `search`; `text` takes long text and null. A record that is
	 * told from others by what it points to has no code: it is found by that of the first of these, which `seed` makes under `code`.
	 */
	fields: { code: string; name: string; text?: string; price?: string; active?: string };
	/** Told from others by what it points to. */
	keyed?: true;
	/** What stands for a text in the field `name`, where that takes numbers only. */
	named?: (text: string) => Value;
	/** Values that this channel refuses in an update and a create, and its own words about it. */
	refused?: { fields: Fields; words: RegExp };
	/** Name of the field that must be unique at the channel. */
	unique?: string;
	/** 'http': the suite plays a broken network and a broken channel below the transport. 'none': the connector uses no transport. */
	wire: 'http' | 'none';
	/** Without the cases of a broken network and a broken channel, where these are played on another entity of the same server. */
	records?: 'only';
	/** The body of a reply without one mapped field, or null when this body holds no record. For the case of schema drift. */
	withoutField?(body: string): string | null;
	/** Cases that do not apply here. The suite checks that the names exist and that the capability is really absent. */
	skip?: readonly { reason: string; tests: readonly string[] }[];
};

export type Case = {
	name: string;
	/** Whether the channel has what this case is about; where not, the case must be listed in `skip`. */
	needs?(stage: Stage): boolean;
	/** A channel may do without it, and `skip` need not say so. */
	optional?: true;
	run(stage: Stage): Promise<void>;
};

export const cases: readonly Case[] = [
	...readingCases,
	...writingCases,
	...jointCases,
	...creatingCases,
	...failingCases
];

/**
 * The connector contract, executable: registers one vitest test per promise of `connector.ts`.
 * Call it at the top level of `src/engine/connectors/NAME/conformance.test.ts`, once per kind of channel. Each test
 * opens a fresh session through a real transport; the channel and its records stay. Numbers and texts are made unique,
 * so that a suite may run again on the same channel.
 */
export function exerciseConnector(exercise: Exercise): void {
	const left = new Map((exercise.skip ?? []).flatMap(({ reason, tests }) => tests.map((test) => [test, reason])));
	const unknown = [...left.keys()].filter((name) => !cases.some((each) => each.name === name));
	if (unknown.length > 0) throw new Error(`skip names unknown cases: ${unknown.join('; ')}`);

	const { patienceMs = 60_000 } = exercise;
	describe(exercise.name, () => {
		let rig: Rig;
		beforeAll(async () => {
			rig = await exercise.start();
		}, patienceMs);
		afterAll(async () => {
			await rig?.stop?.();
		});

		for (const each of cases) {
			if (exercise.records === 'only' && failingCases.includes(each)) continue;
			const reason = left.get(each.name);
			it(
				reason === undefined ? each.name : `does not apply (${reason}): ${each.name}`,
				async () => {
					const stage = openStage(exercise, rig);
					try {
						// A connector may learn from its first call what the channel can do; where that fails, the case about it says so.
						if (each.needs) await stage.session.probe().catch(() => undefined);
						const able = each.needs?.(stage) ?? true;
						if (each.optional && !able) return;
						if (reason === undefined) {
							expect(able, 'the channel cannot do this: say why in `skip`').toBe(true);
							await each.run(stage);
						} else if (each.needs) {
							expect(able, 'the channel can do this: take it out of `skip`').toBe(false);
						}
					} finally {
						await stage.close();
					}
				},
				patienceMs
			);
		}
	});
}
