import { serve } from '@hono/node-server';
import { z } from 'zod';
import { createErp } from './create-erp.ts';
import { openDataFile } from './data-file.ts';
import { createErpStore } from './erp-store.ts';
import { createFaults } from './faults.ts';
import { vocabularies } from './vocabulary.ts';

const environment = z.object({
	ERP_KIND: z.enum(['erp', 'shop']).default('erp'),
	HOST: z.string().default('127.0.0.1'),
	PORT: z.coerce.number().int().min(0).max(65_535).default(0),
	/** JSON file that holds the data; without it the data lives as long as the process. */
	DATA_FILE: z.string().optional(),
	ERP_KEY: z.string().min(1).optional(),
	/** 1 keeps every write since the start for `/history`, in memory. */
	ERP_HISTORY: z.enum(['0', '1']).default('0'),
	/** 1 accepts a SKU that is taken, as many systems do: nothing there keeps a create that is sent twice from showing. */
	ERP_DOUBLES: z.enum(['0', '1']).default('0'),
	ERP_LATENCY_MS: z.coerce.number().int().min(0).default(0)
});

const parsed = environment.safeParse(process.env);
if (!parsed.success) {
	const issue = parsed.error.issues[0];
	console.error(`${issue?.path.join('.')}: ${issue?.message}`);
	process.exit(1);
}
const {
	ERP_KIND: kind,
	HOST,
	PORT,
	DATA_FILE,
	ERP_KEY,
	ERP_LATENCY_MS: latencyMs,
	ERP_HISTORY,
	ERP_DOUBLES
} = parsed.data;

const nowMs = () => performance.timeOrigin + performance.now();
const file = DATA_FILE === undefined ? undefined : openDataFile(DATA_FILE);
const store = createErpStore({
	nowMs,
	file,
	wholeSeconds: kind === 'shop',
	keepHistory: ERP_HISTORY === '1',
	allowDoubles: ERP_DOUBLES === '1'
});
const app = createErp({
	kind,
	store,
	nowMs,
	key: ERP_KEY ?? `demo-${kind}-key`,
	faults: createFaults(() => performance.now()),
	pause: (ms) =>
		latencyMs + ms > 0 ? new Promise((resolve) => setTimeout(resolve, latencyMs + ms)) : Promise.resolve()
});

const server = serve({ fetch: app.fetch, hostname: HOST, port: PORT }, ({ port }) => {
	console.log(`${vocabularies[kind].title} listens on http://${HOST}:${port}`);
});
server.on('error', (error) => {
	console.error(`cannot listen on ${HOST}:${PORT}: ${error.message}`);
	process.exit(1);
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
	process.once(signal, () => void store.saved().finally(() => process.exit(0)));
}
