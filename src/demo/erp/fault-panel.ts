import type { Hono } from 'hono';
import { html, raw } from 'hono/html';
import { faultNames, retryAfterSeconds, slowByMs, type FaultName, type Faults } from './faults.ts';
import type { ErpTable } from './erp-store.ts';
import { pageOf } from './page-parts.ts';
import { Refusal } from './refusal.ts';

const words: Readonly<Record<FaultName, { title: string; text: string }>> = {
	'lose-reply': {
		title: 'Lose the reply of the next create',
		text: 'The next record that a program creates is kept, but the connection breaks before the answer. Then it is off again. With a code, it waits for that record and lets all others pass.'
	},
	'empty-listing': {
		title: 'Empty listing',
		text: 'Lists show no records at all, as if somebody had deleted everything. A record asked for by its id is still there.'
	},
	'refuse-writes': {
		title: 'Refuse writes',
		text: 'Programs may read; every create, change and delete is answered 503.'
	},
	slow: { title: 'Slow', text: `Every answer to a program takes ${String(slowByMs / 1000)} seconds longer.` },
	'rate-limit': {
		title: 'Rate limit',
		text: `Every call of a program is answered 429: come back in ${String(retryAfterSeconds)} seconds.`
	}
};

/** Trouble that can be meant for one record. */
const aimed: readonly FaultName[] = ['lose-reply'];

/** Where the panel is. */
export const faultsPath = '/page/faults';

/** Adds the panel for trouble on purpose: a button for each, without JavaScript. Register it before the pages of tables. */
export function addFaultPanel(app: Hono, input: { title: string; tables: readonly ErpTable[]; faults: Faults }): void {
	const { title, tables, faults } = input;
	app.get(faultsPath, (c) => c.html(pageOf(title, tables, 'faults', panel(title, faults))));
	app.post(`${faultsPath}/:name`, async (c) => {
		const name = faultNames.find((each) => each === c.req.param('name'));
		if (!name) throw new Refusal(404, 'There is no such trouble');
		const posted = await c.req.parseBody();
		const code = posted['code'];
		if (posted['do'] === 'start') faults.start(name, typeof code === 'string' && aimed.includes(name) ? code : '');
		else faults.end(name);
		return c.redirect(faultsPath, 303);
	});
}

function panel(title: string, faults: Faults) {
	const some = faultNames.some((name) => faults.on(name));
	return html`${some ? raw('<meta http-equiv="refresh" content="10" />') : ''}
		<h1>Trouble on purpose</h1>
		<p>
			What a real ${title.split(' ').at(-1)} does on a bad day. Each ends by itself after three minutes, or by a click.
		</p>
		${faultNames.map((name) => {
			const on = faults.on(name);
			const seconds = String(Math.ceil(faults.leftMs(name) / 1000));
			const only = faults.only(name);
			return html`<form class="card fault" method="post" action="${faultsPath}/${name}">
				<div>
					<h2>${words[name].title}</h2>
					<p>${words[name].text}</p>
					<p role="status">
						${
							on
								? html`<strong class="problem">On</strong>${only === '' ? '' : ` for ${only}`}, ends in ${seconds} s`
								: html`<span class="quiet">Off</span>`
						}
					</p>
					${
						aimed.includes(name) && !on
							? html`<label>Code of the record, or any <input name="code" maxlength="200" autocomplete="off" /></label>`
							: ''
					}
				</div>
				<button name="do" value="${on ? 'end' : 'start'}" aria-label="${on ? 'End' : 'Start'}: ${words[name].title}">
					${on ? 'End' : 'Start'}
				</button>
			</form>`;
		})}`;
}
