import type { Flash } from '#src/lib/flash.ts';

/** Takes back that two were linked, by hand or from a suggestion: the button of the message that says so. */
export function undoLink(pair: {
	channelId: string;
	entity: string;
	internalId: string;
	externalId: string;
	variantId: string;
}): Pick<Flash, 'undo'> {
	const { channelId, entity, internalId, externalId, variantId } = pair;
	const fields = { channel: channelId, entity, internal: internalId, external: externalId, variant: variantId };
	return { undo: { action: `/channels/${channelId}/suggestions?/undoJudgement`, fields } };
}
