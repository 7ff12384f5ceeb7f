import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { connect } from '#src/db/client.ts';
import { followAddresses } from './follow-addresses.ts';
import { importBody } from './import-body.ts';
import { hasStory, insertStory, type DemoChannel } from './insert-story.ts';
import { nordhangStory, type ChannelStory, type Story } from './story/story.ts';

/** Process: tells the story of Nordhang Outdoor to a migrated database and to the two demo channels, once. */
const environment = z.object({
	DATABASE_URL: z.string().min(1),
	SECRET_KEY: z.string().min(1),
	ERP_URL: z.url(),
	SHOP_URL: z.url(),
	ERP_KEY: z.string().min(1).default('demo-erp-key'),
	SHOP_KEY: z.string().min(1).default('demo-shop-key')
});

const reachWithinMs = 20_000;
const importWithinMs = 10_000;

const parsed = environment.safeParse(process.env);
if (!parsed.success) {
	const issue = parsed.error.issues[0];
	console.error(`${issue?.path.join('.')}: ${issue?.message}`);
	process.exit(1);
}
const { DATABASE_URL, SECRET_KEY, ERP_URL, SHOP_URL, ERP_KEY, SHOP_KEY } = parsed.data;
const erp = { url: ERP_URL, key: ERP_KEY };
const shop = { url: SHOP_URL, key: SHOP_KEY };

const { db, close } = connect(DATABASE_URL, { max: 1, applicationName: 'channel-mapping seed-demo' });
try {
	if (await hasStory(db)) {
		console.log('demo data: already there');
		const told = await followAddresses(db, { ERP: ERP_URL, Shop: SHOP_URL });
		if (told > 0) console.log(`demo data: ${told} channels follow the demo systems to their new addresses`);
	} else {
		const story = nordhangStory(Date.now());
		await fill(erp, 'ERP', story);
		await fill(shop, 'Shop', story);
		const inserted = await insertStory(db, { story, secretKey: SECRET_KEY, erp, shop });
		console.log(inserted ? 'demo data: Nordhang Outdoor is in place' : 'demo data: already there');
	}
} catch (error) {
	console.error(`demo data: ${error instanceof Error ? error.message : String(error)}`);
	process.exitCode = 1;
} finally {
	await close();
}

/** Gives a demo channel its records, replacing what it held. Waits for it to come up. */
async function fill({ url, key }: DemoChannel, channel: ChannelStory['channel'], story: Story): Promise<void> {
	const body = importBody(story, channel);
	const deadline = Date.now() + reachWithinMs;
	for (;;) {
		try {
			const response = await fetch(new URL('/admin/import', url), {
				method: 'PUT',
				headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
				body,
				signal: AbortSignal.timeout(importWithinMs)
			});
			if (response.ok) return;
			throw new Error(
				`${channel} at ${url} refused the demo data: ${response.status} ${(await response.text()).slice(0, 200)}`
			);
		} catch (error) {
			if (!(error instanceof TypeError) || Date.now() > deadline) throw error;
			await sleep(200);
		}
	}
}
