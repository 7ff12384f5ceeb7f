import { tokenOf } from '../ledger.ts';
import type { World } from '../world.ts';
import type { Violation } from './violation.ts';
import { simulatedFields } from '../plan.ts';

/** I7: every value that stands anywhere was entered by a person into this very field, and nothing was put in its place. */
export async function checkNothingInvented(world: World): Promise<Violation[]> {
	const found: Violation[] = [];
	const judge = (where: string, entity: string, fields: Readonly<Record<string, string | boolean | null>>) => {
		for (const { name, type } of simulatedFields[entity] ?? []) {
			const value = fields[name];
			if (type === 'boolean' || value === undefined || value === null) continue;
			const token = tokenOf(value);
			const edits = token === null ? [] : (world.ledger.edits.get(token) ?? []);
			if (!edits.some((edit) => edit.field === name && edit.entity === entity))
				found.push({
					invariant: 'I7',
					what: `${where} ${name} holds ${JSON.stringify(value)}, which nobody entered there`
				});
		}
	};
	for (const entity of Object.keys(simulatedFields)) {
		for (const { id, fields } of await world.directory.all(entity)) judge(`internal ${entity} ${id}`, entity, fields);
		for (const { plan, memory } of world.channels) {
			for (const { id, fields } of memory.records(entity)) judge(`${plan.name} ${entity} ${id}`, entity, fields);
			for (const write of memory.writes())
				if (write.entity === entity) judge(`a write to ${plan.name} ${entity} ${write.id}:`, entity, write.fields);
		}
	}
	return found;
}
