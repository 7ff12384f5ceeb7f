import { exerciseConnector, type Rig } from '../../../../tests/conformance/exercise-connector.ts';
import { createMemoryChannel } from './create-memory-channel.ts';
import { memoryConnector } from './index.ts';
import type { MemoryOptions } from './options.ts';

function startMemory(over: Partial<MemoryOptions>): () => Promise<Rig> {
	return async () => {
		let aheadMs = 0;
		const clock = { nowMs: () => Date.now() + aheadMs, monotonicMs: () => performance.now() };
		const channel = createMemoryChannel({
			clock,
			key: 's3cret-key',
			pageSize: 7,
			refuses: ({ name }) => (typeof name === 'string' && name.length > 60 ? 'The name is too long' : null),
			...over
		});
		return {
			connector: memoryConnector({ erp: channel }),
			settings: { channel: 'erp' },
			credentials: { key: 's3cret-key' },
			wrongCredentials: { key: 'another' },
			seed: async (records) => records.map((fields) => ({ id: channel.add('product', fields), variantId: '' })),
			edit: async ({ id }, fields) => channel.edit('product', id, fields),
			remove: async ({ id }) => channel.remove('product', id),
			async pass(ms) {
				aheadMs += ms;
			}
		};
	};
}

const wireCases = [
	'a call cancelled on its way ends at once',
	'a channel that nobody answers for is unreachable, and the hint names its host',
	'half an answer is an invalid reply',
	'a web page is an invalid reply',
	'an empty answer is an invalid reply',
	'an answer of another shape is an invalid reply',
	'a bare null is an invalid reply',
	'deep nesting is an invalid reply',
	'bytes that are no UTF-8 is an invalid reply',
	'an endless answer is cut off',
	'a channel that asks to slow down is rate-limited, for as long as it says',
	'a channel in trouble is unreachable, and no write is tried twice',
	'a mapped field that vanished from the records is an invalid reply, not an empty value'
];

const product = {
	entity: 'product',
	fields: { code: 'value', name: 'name', text: 'description', price: 'price', active: 'is_active' },
	refused: { fields: { name: 'x'.repeat(61) }, words: /too long/ },
	unique: 'value',
	wire: 'none'
} as const;

const noWire = { reason: 'it has no wire', tests: wireCases };
const fineStamps = {
	reason: 'its stamps are fine',
	tests: ['changes since a moment within the resolution of the stamp still brings the record']
};

exerciseConnector({ ...product, name: 'memory, strict', start: startMemory({ updatesAtOnce: 10 }), skip: [noWire] });

exerciseConnector({
	...product,
	name: 'memory, updates each for itself',
	start: startMemory({ updatesAtOnce: 10, updatesApart: true }),
	skip: [noWire]
});

exerciseConnector({
	...product,
	name: 'memory, coarse tags, talkative replies',
	start: startMemory({ precondition: 'coarse', versionInReplies: true, stampResolutionMs: 0.001 }),
	skip: [noWire, fineStamps]
});

exerciseConnector({
	...product,
	name: 'memory, no precondition, rewriting, lagging reference',
	start: startMemory({
		precondition: 'none',
		stampResolutionMs: 1,
		referenceLagMs: 500,
		reference: 'unique',
		entities: {
			product: [
				{ name: 'value', type: 'text', rewrite: 'upper' },
				{ name: 'name', type: 'text', rewrite: 'squeeze' },
				{ name: 'description', type: 'text', rewrite: 'trim' },
				{ name: 'price', type: 'decimal', rewrite: { round: 4 } },
				{ name: 'is_active', type: 'boolean' }
			]
		}
	}),
	skip: [
		noWire,
		fineStamps,
		{
			reason: 'it has no precondition',
			tests: ['update under an outdated version is a conflict and writes nothing', 'every write moves the version']
		}
	]
});
