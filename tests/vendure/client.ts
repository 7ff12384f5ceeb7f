/**
 * A GraphQL client of the tests, independent of the connector: what it reads and writes is what Vendure holds, whatever
 * the connector believes. Throws Error for every refusal.
 */
export type VendureClient = {
	/** The data of one operation. */
	call<Result = Record<string, unknown>>(document: string, variables?: object): Promise<Result>;
};

export type VendureLogin = { url: string; user: string; password: string };

/** Logs in and returns a client. */
export async function connect({ url, user, password }: VendureLogin): Promise<VendureClient> {
	const headers: Record<string, string> = { 'content-type': 'application/json' };
	const client: VendureClient = {
		async call<Result>(query: string, variables: object = {}) {
			const reply = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
			const body = (await reply.json()) as { data?: Result; errors?: unknown };
			if (body.errors) throw new Error(JSON.stringify(body.errors));
			const token = reply.headers.get('vendure-auth-token');
			if (token) headers['authorization'] = `Bearer ${token}`;
			return body.data as Result;
		}
	};
	const document =
		'mutation Login($user: String!, $password: String!) { login(username: $user, password: $password) { __typename } }';
	const { login } = await client.call<{ login: { __typename: string } }>(document, { user, password });
	if (login.__typename !== 'CurrentUser') throw new Error(`login: ${login.__typename}`);
	return client;
}
