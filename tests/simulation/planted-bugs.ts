import type { Remedy } from './remedies/remedy.ts';

/** Mistakes that the first engine of its kind would make, as patches: the simulator must turn red on each. */
export const plantedBugs: readonly Remedy[] = [
	{
		name: 'planted-base-from-newer-read',
		does: 'the base is saved from a read made after the write, whoever wrote what it shows',
		file: 'src/engine/runs/send-writes.ts',
		find: '(ours || canonical(rule.type, rule.normal(read)) === canonical(rule.type, rule.normal(value)))',
		replace: 'back !== null',
		failures: ['F6', 'F19']
	},
	{
		name: 'planted-cursor-before-batch',
		does: 'the cursor moves before what it passes has been stored',
		file: 'src/engine/runs/scan.ts',
		find: 'let newest = channel.cursor;',
		replace: 'let newest = started();\n\tawait record(run, [], { complete: false, cursor: newest });',
		failures: ['F36']
	},
	{
		name: 'planted-create-retried-blindly',
		does: 'a create is sent again without a look whether the first one landed',
		file: 'src/store/memory/creates.ts',
		find: 'sentBefore: intent.sentAt !== null',
		replace: 'sentBefore: false',
		failures: ['F18']
	},
	{
		name: 'planted-missing-is-deleted',
		does: 'an id that a listing leaves out is taken for deleted',
		file: 'src/store/memory/missing-records.ts',
		find: 'return { suspects, total: unseen.length, known };',
		replace: `for (const { externalId, variantId } of unseen) {
		const { links, linkByExternal } = tables.of(input.entity.name);
		const link = linkByExternal(input.channelId, externalId, variantId);
		if (link) links.replace(link, { ...link, status: 'orphan', stateRev: link.stateRev + 1n, cleanSeq: link.dirtySeq });
	}
	return { suspects: [], total: unseen.length, known };`,
		failures: ['F28', 'F29']
	},
	{
		name: 'planted-link-without-revision',
		does: "a link's state is saved over whatever it has become meanwhile",
		file: 'src/store/memory/commit-links.ts',
		find: 'String(links.get(row.linkId)?.stateRev) === row.stateRev);',
		replace: 'links.get(row.linkId));',
		failures: ['F14', 'F24']
	}
];
