import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ parent }) => {
	const { channel } = await parent();
	const { settings, credentialNames, credentialsChanged } = channel;
	const simple = Object.entries(settings).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
	return {
		credentials: [...new Set([...credentialNames, ...Object.keys(credentialsChanged)])].toSorted(),
		facts: simple.map(([name, value]): [string, string] => [name, String(value)]),
		raw: JSON.stringify(settings, null, 2)
	};
};
