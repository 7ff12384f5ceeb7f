import type { RequestEvent } from '@sveltejs/kit';
import { m } from '#src/lib/paraglide/messages.js';
import { act, type Actor, type Outcome } from '#src/lib/server/act.ts';
import { good, invalid } from '#src/lib/server/form-input.ts';
import { safeReturnTo } from '#src/lib/return-to.ts';
import { conflictNames } from '#src/mappings/conflicts-now.ts';
import { resolveMany, type ResolveManyInput } from '#src/mappings/resolve-many.ts';

type Row = ResolveManyInput['rows'][number];
type Side = Row['winner'];

const namedAtMost = 5;
const idsInAddressAtMost = 50;

/**
 * `?/applyChoices` under a grid of conflicts. Fields: `choice.<conflict>` = internal | external, and for each row
 * `seen.<conflict>` = "<entity>:<digest of what was shown>". Rows without a choice stay; those that moved stay and are named.
 */
export const applyChoices = (event: RequestEvent) =>
	act(event, 'resolve', async ({ data, actor, db }) => {
		const rows: Row[] = [];
		for (const [name, value] of data) {
			if (!name.startsWith('choice.')) continue;
			const conflictId = name.slice('choice.'.length);
			const [entity = '', seen = ''] = String(data.get(`seen.${conflictId}`) ?? '').split(':');
			if (!isSide(value)) return invalid(name);
			rows.push({ entity, conflictId, seen, winner: value });
		}
		if (rows.length === 0) {
			return { ok: false, kind: 'invalid', message: m.conflict_choose(), hint: m.conflicts_choose_hint() };
		}
		return settle(db, { rows, actor, returnTo: String(data.get('returnTo') ?? ''), at: event.url.pathname });
	});

/** `?/takeAll` of a preview. Fields: winner, rows = "<entity>:<conflict>:<digest>" separated by spaces. */
export const takeAll = (event: RequestEvent) =>
	act(event, 'resolve', async ({ data, actor, db }) => {
		const winner = data.get('winner');
		if (!isSide(winner)) return invalid('winner');
		const texts = String(data.get('rows') ?? '').split(' ');
		const rows = texts.map((text) => {
			const [entity = '', conflictId = '', seen = ''] = text.split(':');
			return { entity, conflictId, seen, winner };
		});
		return settle(db, { rows, actor, returnTo: String(data.get('returnTo') ?? ''), at: '/inbox?kind=conflicts' });
	});

async function settle(
	db: App.Locals['db'],
	{ rows, actor, returnTo, at }: { rows: Row[]; actor: Actor; returnTo: string; at: string }
): Promise<Outcome> {
	const result = await resolveMany(db, { rows, actor, via: 'web' });
	if (!result.ok) return result;
	const { resolved, refused } = result;
	if (refused.length === 0) return good(m.conflict_resolved({ n: resolved }));
	const names = await conflictNames(db, refused.slice(0, namedAtMost));
	const records = names.map(({ value, field }) => `${value} (${field})`).join(', ');
	const more = refused.length > names.length ? ' …' : '';
	const text = m.conflicts_moved({ resolved, kept: refused.length, records: `${records}${more}` });
	// The list marks them, so that nobody has to look for them.
	const to = new URL(safeReturnTo(returnTo, at), 'http://list.invalid');
	to.searchParams.set('moved', refused.slice(0, idsInAddressAtMost).join(','));
	return { ok: true, flash: { tone: 'warn', text }, to: `${to.pathname}${to.search}` };
}

const isSide = (value: unknown): value is Side => value === 'internal' || value === 'external';
