import type { ExternalKey, Page, Resource, Session } from '#src/engine/connectors/connector.ts';
import { ConnectorError } from '#src/engine/connectors/error.ts';
import type { Chance } from './chance.ts';
import { sampleFields, type Known } from './channels.ts';
import { type Asked, checkError, checkResult } from './contract.ts';

const pagesAtMost = 5;
const since = '2026-11-28T00:00:00.000000Z';
const methods = [
	'list',
	'changes',
	'read',
	'search',
	'findByReference',
	'create',
	'update',
	'update',
	'probe'
] as const;

export type CallOutcome = { method: string; outcome: string };

/**
 * Calls one method of the contract, chosen by chance, and checks what comes back: a value of the contract's shape, or a
 * ConnectorError. Returns which of them; throws for anything else.
 */
export async function callSomething(
	{ session, resource }: { session: Session; resource: Resource },
	known: Known,
	chance: Chance,
	secrets: readonly string[]
): Promise<CallOutcome> {
	const method = chance.pick(methods);
	try {
		await call(session, resource, known, chance, method);
		return { method, outcome: 'value' };
	} catch (error) {
		if (!(error instanceof ConnectorError)) throw error;
		checkError(error, secrets);
		return { method, outcome: error.kind };
	}
}

async function call(
	session: Session,
	resource: Resource,
	known: Known,
	chance: Chance,
	method: (typeof methods)[number]
): Promise<void> {
	const some = (count: number): ExternalKey[] => Array.from({ length: count }, () => chance.pick(known.keys));
	const checked = async (asked: Asked, result: Promise<unknown> | undefined) =>
		checkResult(resource, method, await result, asked);
	switch (method) {
		case 'list':
			return walk(resource, method, (cursor) => resource.list(cursor));
		case 'changes':
			return walk(resource, method, (cursor) => resource.changes?.(since, cursor));
		case 'read': {
			const keys = chance.is(0.2) ? [{ id: '999999', variantId: known.keys[0]?.variantId && '999999' }] : [];
			const asked = [
				...some(1 + chance.below(3)),
				...keys.map(({ id, variantId }) => ({ id, variantId: variantId ?? '' }))
			];
			return checked({ keys: asked }, resource.read(asked));
		}
		case 'search':
			return checked({}, resource.search(chance.pick(['Lamp', 'S1', known.keys[0]?.id ?? '', '50%_', ''])));
		case 'findByReference': {
			const references = chance.is(0.5) ? [chance.pick(known.references)] : known.references;
			return checked({ references }, resource.findByReference?.(references));
		}
		case 'create': {
			const reference = `new-${chance.below(1_000_000)}`;
			return checked(
				{ reference },
				resource.create?.({ reference, fields: knownFields(resource, `N${chance.below(1e6)}`) })
			);
		}
		case 'update': {
			const at = chance.below(known.keys.length);
			const version = chance.is(0.3) ? null : (known.versions[at] ?? null);
			const fields = chance.is(0.5) ? { name: `Lamp ${chance.below(1000)}` } : knownFields(resource, `S${at}`);
			const key = known.keys[at];
			if (!key) throw new Error('nothing to update');
			return checked({}, resource.update?.({ ...key, version, fields }));
		}
		case 'probe':
			return checked({}, session.probe());
	}
}

function knownFields(resource: Resource, code: string) {
	const names = new Set(resource.fields.map(({ name }) => name));
	return Object.fromEntries(Object.entries(sampleFields(code)).filter(([name]) => names.has(name)));
}

async function walk(
	resource: Resource,
	method: string,
	next: (cursor: string | null) => Promise<Page> | undefined
): Promise<void> {
	let cursor: string | null = null;
	for (let page = 0; page < pagesAtMost; page += 1) {
		const found: Page | undefined = await next(cursor);
		checkResult(resource, method, found, {});
		cursor = found?.next ?? null;
		if (cursor === null) return;
	}
}
