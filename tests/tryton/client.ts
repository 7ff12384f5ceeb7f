/**
 * A JSON-RPC client of the tests, independent of the connector: what it reads and writes is what Tryton holds, whatever
 * the connector believes. Throws Error for every refusal.
 */
export type TrytonClient = {
	/** Calls "model.method" with the user's preferences as context, inactive rows included. */
	call<Result = unknown>(method: string, ...args: unknown[]): Promise<Result>;
	/** First row of the search with these columns; dates as ISO text, decimals as text. Throws where there is none. */
	one(model: string, domain: readonly unknown[], columns: readonly string[]): Promise<Record<string, unknown>>;
	/** Every row with these columns, inactive ones included, in the same form. */
	all(model: string, columns: readonly string[]): Promise<Record<string, unknown>[]>;
	create(model: string, values: Record<string, unknown>): Promise<number>;
	write(model: string, id: number, values: Record<string, unknown>): Promise<void>;
	remove(model: string, id: number): Promise<void>;
	count(model: string, domain?: readonly unknown[]): Promise<number>;
	/** write_date of each row by id, null where it was never written: two equal answers mean nobody wrote in between. */
	writeDates(model: string): Promise<Record<number, string | null>>;
};

export type TrytonLogin = { url: string; database: string; user: string; password: string };

export function decimal(text: string) {
	return { __class__: 'Decimal', decimal: text };
}

/** Logs in and returns a client. */
export async function connect(login: TrytonLogin): Promise<TrytonClient> {
	let context: Record<string, unknown> = {};
	const headers: Record<string, string> = { 'content-type': 'application/json' };
	const post = async (method: string, params: unknown[]): Promise<unknown> => {
		const reply = await fetch(`${login.url}/${login.database}/`, {
			method: 'POST',
			headers,
			body: JSON.stringify({ id: 1, method, params })
		});
		if (!reply.ok) throw new Error(`${method}: HTTP ${reply.status}`);
		const body = (await reply.json()) as { result?: unknown; error?: unknown };
		if (body.error) throw new Error(`${method}: ${JSON.stringify(body.error)}`);
		return body.result;
	};
	const [userId, session] = (await post('common.db.login', [login.user, { password: login.password }, 'en'])) as [
		number,
		string
	];
	headers['authorization'] = `Session ${Buffer.from(`${login.user}:${userId}:${session}`).toString('base64')}`;
	const call = <Result>(method: string, ...args: unknown[]) =>
		post(`model.${method}`, [...args, { ...context, active_test: false }]) as Promise<Result>;
	context = await call('res.user.get_preferences', true);
	return {
		call,
		async one(model, domain, columns) {
			const [row] = await call<unknown[]>(`${model}.search_read`, domain, 0, 1, [['id', 'ASC']], columns);
			if (row === undefined) throw new Error(`no ${model} for ${JSON.stringify(domain)}`);
			return plain(row) as Record<string, unknown>;
		},
		async all(model, columns) {
			const rows = await call<unknown[]>(`${model}.search_read`, [], 0, null, [['id', 'ASC']], columns);
			return rows.map(plain) as Record<string, unknown>[];
		},
		create: async (model, values) => (await call<[number]>(`${model}.create`, [values]))[0],
		write: async (model, id, values) => void (await call(`${model}.write`, [id], values)),
		remove: async (model, id) => void (await call(`${model}.delete`, [id])),
		count: (model, domain = []) => call<number>(`${model}.search_count`, domain),
		async writeDates(model) {
			const rows = await call<unknown[]>(`${model}.search_read`, [], 0, null, [['id', 'ASC']], ['write_date']);
			const pairs = (plain(rows) as { id: number; write_date: string | null }[]).map((row) => [row.id, row.write_date]);
			return Object.fromEntries(pairs) as Record<number, string | null>;
		}
	};
}

/** Tryton's values as plain JSON. */
function plain(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(plain);
	if (typeof value !== 'object' || value === null) return value;
	const row = value as Record<string, unknown>;
	if (row['__class__'] === 'Decimal') return row['decimal'];
	if (row['__class__'] === 'datetime') {
		const part = (name: string, width: number) => String(row[name]).padStart(width, '0');
		const day = `${part('year', 4)}-${part('month', 2)}-${part('day', 2)}`;
		return `${day}T${part('hour', 2)}:${part('minute', 2)}:${part('second', 2)}.${part('microsecond', 6)}Z`;
	}
	return Object.fromEntries(Object.entries(row).map(([key, inner]) => [key, plain(inner)]));
}
