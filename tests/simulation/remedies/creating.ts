import type { Remedy } from './remedy.ts';

const creates = 'src/engine/runs/create-external.ts';
const verbs = 'src/store/memory/creates.ts';
const links = 'src/store/memory/link-triggers.ts';

/** Rules about creating on either side, and about linking. */
export const creatingRemedies: readonly Remedy[] = [
	{
		name: 'reference-search',
		does: 'a create whose answer was lost is looked for by its reference before it is sent again',
		file: creates,
		find: 'intent.sentBefore ? await findSent(run, intent) : null;',
		replace: 'null as ExternalRecord | null;',
		matters: ({ autoCreateExternal, options }) => autoCreateExternal && options.reference !== 'unique',
		failures: ['F18']
	},
	{
		name: 'search-wait',
		does: 'a lost create is looked for only after it had its time to land and to be found',
		file: verbs,
		find: '(intent.sentAt === null || intent.sentAt <= settledSince)',
		replace: '(intent.sentAt === null || intent.sentAt <= now)',
		matters: ({ autoCreateExternal, options }) => autoCreateExternal && options.reference !== 'unique',
		failures: ['F18']
	},
	{
		name: 'create-stored-before-send',
		does: 'a create is marked as sent before it leaves',
		file: verbs,
		find: 'tables.intents.replace(intent, { ...intent, sentAt: tables.now(), tries: intent.tries + 1, claimedUntil });',
		replace: '',
		matters: ({ autoCreateExternal, options }) => autoCreateExternal && options.reference !== 'unique',
		failures: ['F18', 'F43']
	},
	{
		name: 'failure-is-not-unsent',
		does: 'a create that failed after it left may have landed',
		file: creates,
		find: "notSent: error.kind === 'expired' && !intent.sentBefore,",
		replace: 'notSent: true,',
		matters: ({ autoCreateExternal, options }) => autoCreateExternal && options.reference !== 'unique',
		failures: ['F18']
	},
	{
		name: 'create-deadline',
		does: 'a create leaves within two seconds of being marked as sent, or not at all',
		file: creates,
		find: '{ signal: run.signal, sendBy }\n',
		replace: '{ signal: run.signal }\n',
		matters: ({ autoCreateExternal, options }) => autoCreateExternal && options.reference !== 'unique',
		failures: ['F16', 'F18'],
		heldBy: 'tests/scenarios/stalls.test.ts'
	},
	{
		name: 'intent-base',
		does: 'the base of a created record is what was sent, not what stands there when it is found',
		file: creates,
		find: "((action === 'create-external' && !record.readBack) ||\n\t\t\t\tcanonical(type, normal(there)) === canonical(type, normal(value)))",
		replace: 'true',
		failures: ['F19']
	},
	{
		name: 'listing-knows-ours',
		does: 'a listed record that carries our reference is ours and never imported',
		file: 'src/engine/runs/adopt.ts',
		find: 'set.externals.filter(({ reference }) => !isOurReference(channel.installationKey, reference));',
		replace: 'set.externals;',
		failures: ['F20']
	},
	{
		name: 'import-knows-ours',
		does: 'what an import reads is looked at for our reference once more',
		file: 'src/engine/runs/import-external.ts',
		find: 'if (isOurReference(channel.installationKey, record.reference)) continue;',
		replace: '',
		failures: ['F20']
	},
	{
		name: 'import-reads-first',
		does: 'a record is imported as a read by its id shows it, not as a listing showed it',
		file: 'src/engine/runs/import-external.ts',
		find: 'await readInTime(run, keys, sendBy)',
		replace: 'records.slice(start, start + size).map((seen) => ({ ...seen, id: seen.externalId }))',
		matters: ({ autoCreateInternal, options }) => autoCreateInternal && (options.listLagMs ?? 0) > 0,
		failures: ['F22'],
		heldBy: 'tests/scenarios/stalls.test.ts'
	},
	{
		name: 'import-asks-for-link',
		does: 'what is linked already is not imported',
		file: verbs,
		find: "if (tables.of(entity).linkByExternal(channelId, externalId, variantId)) return 'taken';",
		replace: '',
		failures: ['F21'],
		heldBy: 'tests/store/equality/equality.test.ts'
	},
	{
		name: 'one-link-per-external',
		does: 'an external record has one link at a channel',
		file: links,
		find: 'linkByExternal(link.channelId, link.externalId, link.variantId) ??',
		replace: '',
		failures: ['F21', 'F26'],
		heldBy: 'tests/store/equality/equality.test.ts'
	},
	{
		name: 'intent-blocks-link',
		does: 'a record whose create is open is not linked by hand',
		file: 'src/store/memory/link-records.ts',
		find: "return intent?.state === 'open' ? intentOpen(`in ${channel.name}`) : null;",
		replace: 'return null;',
		failures: ['F26']
	},
	{
		name: 'unlink-marks',
		does: 'an unlink marks the pair and both records: automation keeps away',
		file: 'src/store/memory/unlink-records.ts',
		find: 'const all = { pair: true, internal: true, external: true };',
		replace: 'const all = { pair: false, internal: false, external: false };',
		failures: ['F25']
	}
];
