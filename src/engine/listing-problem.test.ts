import { expect, it } from 'vitest';
import { entityNamed } from '#src/entities/registry.ts';
import { ConnectorError } from './connectors/error.ts';
import { listingProblem } from './listing-problem.ts';

const products = entityNamed('product');

it('a refused list is put right in the settings, not in a record', () => {
	const refused = new ConnectorError('rejected', { hint: 'Correct the record and sync it again.', reply: 'No page 0' });
	const hint =
		"The channel refuses the question for its products, not one of them. Check what the channel's settings ask for, and what its user may read.";
	expect(listingProblem(refused, products)).toEqual({ message: 'No page 0', hint });
	const silent = new ConnectorError('missing', { hint: 'It does not have this record.' });
	expect(listingProblem(silent, products)).toEqual({ message: 'The channel refuses to show its products.', hint });
});

it('what concerns the channel keeps its own hint', () => {
	const refused = new ConnectorError('unauthorized', { hint: 'Renew the key.', reply: 'Expired' });
	expect(listingProblem(refused, products)).toEqual({ message: 'Expired', hint: 'Renew the key.' });
	expect(listingProblem(new ConnectorError('unreachable', { hint: 'No answer.' }), products).message).toBe(
		'No answer.'
	);
});
