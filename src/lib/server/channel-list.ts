import { entities } from '#src/entities/registry.ts';
import { codeLabel, entityHead, rightsOf } from './entity-page.ts';

/** What every list below a channel needs: the entity that `?entity=` names, the choices, and what this person may do. */
export function channelList(locals: App.Locals, url: URL, channel: { entities: readonly { entity: string }[] }) {
	const here = entities.filter(({ name }) => channel.entities.some(({ entity }) => entity === name));
	const known = here.length === 0 ? entities : here;
	const entity = known.find(({ name }) => name === url.searchParams.get('entity')) ?? known[0];
	if (!entity) throw new Error('the registry of entities is empty');
	return {
		entity,
		shown: {
			entity: entityHead(entity),
			codeLabel: codeLabel(entity),
			choices: known.map(({ name, label }) => ({ name, label: label.many })),
			shown: known.map(({ name }) => name),
			may: rightsOf(locals.user)
		}
	};
}
