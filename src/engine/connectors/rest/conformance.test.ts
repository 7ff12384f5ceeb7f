import { startDemoErp } from '../../../../tests/conformance/demo-erp.ts';
import { exerciseConnector } from '../../../../tests/conformance/exercise-connector.ts';

const withoutField = (name: string) => (body: string) => {
	const json = JSON.parse(body) as { items?: Record<string, unknown>[] };
	for (const item of json.items ?? [json as Record<string, unknown>]) delete item[name];
	return JSON.stringify(json);
};

const product = {
	entity: 'product',
	fields: { code: 'value', name: 'name', text: 'description', price: 'price', active: 'is_active' },
	refused: { fields: { name: 'x'.repeat(61) }, words: /longer than 60 characters/ },
	unique: 'value',
	wire: 'http'
} as const;

exerciseConnector({
	...product,
	name: 'rest against the demo ERP',
	start: () => startDemoErp('erp', 7),
	withoutField: withoutField('gtin'),
	skip: [
		{
			reason: 'its stamps have microseconds',
			tests: ['changes since a moment within the resolution of the stamp still brings the record']
		}
	]
});

exerciseConnector({
	...product,
	name: 'rest against the demo Shop',
	start: () => startDemoErp('shop', 7),
	withoutField: withoutField('barcode'),
	skip: [
		{
			reason: 'the Shop has no precondition',
			tests: ['update under an outdated version is a conflict and writes nothing', 'every write moves the version']
		}
	]
});
