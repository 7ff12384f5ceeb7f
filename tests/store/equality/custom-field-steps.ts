import { person } from './person-steps.ts';
import type { Maker } from './run-steps.ts';
import type { View } from './view.ts';

const names = ['colour', 'size', 'fragile'] as const;
const labels = ['Colour', 'Size', 'Fragile', 'colour', 'Name'];
const types = { colour: 'text', size: 'decimal', fragile: 'boolean' } as const;
const decimals = ['7', '-0.5', '12.3456785', '0.0000004', 'long', '12345678901234', null];

/** A field that there is, or one that was removed; any name where there is none. */
function known(view: View, removed: boolean) {
	const row = view.oneOf(
		'sync_custom_field',
		(field) => field['entity'] === view.entity && (field['removed_at'] !== null) === removed
	);
	return { entity: view.entity, name: row ? String(row['name']) : view.random.pick(names) };
}

/** Values of custom fields, whether the entity has them or not. */
function customValues({ random }: View) {
	const values = {
		colour: random.pick(['red', '', ' a "b" ', null]),
		size: random.pick(decimals),
		fragile: random.pick([true, false, null])
	};
	return Object.fromEntries(random.some(names, 2).map((name) => [name, values[name]]));
}

/** Calls of the verbs about custom fields, and of those that write them. */
export const customFieldSteps: Readonly<Record<string, Maker>> = {
	addCustomField: (view) => {
		const name = view.random.chance(0.1) ? 'rev' : view.random.pick(names);
		const type = name === 'rev' ? 'text' : types[name];
		const label = view.random.pick(labels);
		return person('addCustomField', { entity: view.entity, name, label, type, maxLength: null, scale: null });
	},
	renameCustomField: (view) => person('renameCustomField', { ...known(view, false), label: view.random.pick(labels) }),
	removeCustomField: (view) => person('removeCustomField', known(view, false)),
	putBackCustomField: (view) => person('putBackCustomField', known(view, true)),
	saveRecord: (view) => {
		const record = view.oneOf(view.definition.recordTable);
		return person('saveRecord', {
			entity: view.entity,
			id: view.idOf(record),
			rev: view.random.chance(0.9) ? String(record?.['rev'] ?? 1) : '99',
			fields: { ...view.fields(2), ...customValues(view) }
		});
	},
	createRecord: (view) =>
		person('createRecord', { entity: view.entity, fields: { ...view.wholeFields(), ...customValues(view) } })
};
