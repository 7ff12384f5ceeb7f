import type { Exercise } from '../conformance/exercise-connector.ts';

/** What the conformance suite tries on Vendure, the same for the real one and for the fake. */
type VendureExercise = Omit<Exercise, 'name' | 'start'>;

const fineStamps = {
	reason: 'Vendure shows stamps with milliseconds',
	tests: ['changes since a moment within the resolution of the stamp still brings the record']
};

const unguarded = {
	reason: 'without the plugin the last write wins',
	tests: ['update under an outdated version is a conflict and writes nothing', 'every write moves the version']
};

const productExercise: VendureExercise = {
	entity: 'product',
	fields: { code: 'value', name: 'name', text: 'description', price: 'price', active: 'is_active' },
	refused: { fields: { name: null }, words: /not-null/i },
	wire: 'http',
	withoutField: (body) => without('sku', body),
	skip: [
		fineStamps,
		{
			reason: 'Vendure takes a SKU twice',
			tests: ['create with a unique value that is taken is a duplicate and creates nothing']
		}
	]
};

const customerExercise: VendureExercise = {
	entity: 'business-partner',
	fields: { code: 'email', name: 'name', text: 'phone' },
	unique: 'email',
	wire: 'http',
	withoutField: (body) => without('lastName', body),
	skip: [
		fineStamps,
		{ reason: 'a customer has no price', tests: ['update keeps decimals exact'] },
		{
			reason: 'a customer cannot be inactive',
			tests: [
				'list and read bring archived records',
				'changes shows a record that was archived',
				'update archives a record and takes it back'
			]
		},
		{
			reason: 'a customer may have any name and phone number',
			tests: [
				'update with values that the channel refuses keeps its words and writes nothing',
				'create with values that the channel refuses keeps its words and creates nothing'
			]
		}
	]
};

/** Both entities, with our plugin there or not. */
export function exercisesOf(plugin: boolean): { product: VendureExercise; customer: VendureExercise } {
	const skips = plugin ? [] : [unguarded];
	return {
		product: { ...productExercise, skip: [...(productExercise.skip ?? []), ...skips] },
		customer: { ...customerExercise, skip: [...(customerExercise.skip ?? []), ...skips] }
	};
}

/** The body of a reply without this field in its records, or null where it has no records. */
function without(field: string, body: string): string | null {
	const reply = JSON.parse(body) as { data?: { found?: { items: Record<string, unknown>[] } } };
	const items = reply.data?.found?.items;
	if (!items) return null;
	for (const item of items) delete item[field];
	return JSON.stringify(reply);
}
