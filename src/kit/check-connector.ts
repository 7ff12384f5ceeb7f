import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ConnectorError } from '#src/engine/connectors/error.ts';
import { createTransport } from '#src/engine/connectors/http.ts';
import { createCaller } from '#src/engine/connectors/rest/call.ts';
import { lineOfPath } from '#src/engine/connectors/rest/json-lines.ts';
import { createResource } from '#src/engine/connectors/rest/resource.ts';
import { restSettings, type RestSettings } from '#src/engine/connectors/rest/settings.ts';
import { entityNamed } from '#src/entities/registry.ts';
import type { TrustSheet } from '#src/engine/connectors/trust-sheet.ts';
import { checkEntity, type Checked } from './check-service.ts';
import { KitError } from './kit-error.ts';
import { unknownEntities, unknownFields, type Remark } from './unknown-names.ts';

export const checkUsage = `npm run connector -- check FILE [--url BASE] [--entity NAME] [--record ID] [--save] [--json]
  tries the service that FILE describes and prints what can be relied on; the key comes from CONNECTOR_KEY`;

/** The command: reads a description, tries its service, prints the trust sheet. Throws KitError with clear words. */
export async function checkConnector(words: readonly string[]): Promise<void> {
	const { file, url, only, record, save, json } = argumentsIn(words);
	const text = textOf(file);
	const settings = parseDescription(text, file, url);
	const names = Object.keys(settings.entities).filter((name) => only === undefined || name === only);
	if (names.length === 0) throw new KitError(`${file} has no entity ${only ?? ''}`);
	if (record !== undefined && names.length > 1)
		throw new KitError('--record needs --entity: the record is of one of them');
	const warnings = unknownFields(settings);
	for (const warning of warnings) console.error(lineFor(text, file, { ...warning, isWarning: true }));
	const key = keyFor(settings);
	const results = new Map<string, Checked>();
	for (const name of names) results.set(name, await tryEntity(settings, key, name, record ?? null));
	const sheet: TrustSheet = {
		checkedAt: new Date().toISOString(),
		entities: Object.fromEntries([...results].map(([name, { trust }]) => [name, trust]))
	};
	if (save) writeFileSync(file, `${JSON.stringify({ ...(JSON.parse(text) as object), trust: sheet }, null, '\t')}\n`);
	const whole = { trust: sheet, entities: Object.fromEntries(results), warnings };
	console.log(json ? JSON.stringify(whole) : printed(file, results));
}

function argumentsIn(words: readonly string[]) {
	try {
		const { values, positionals } = parseArgs({
			args: [...words],
			allowPositionals: true,
			options: {
				url: { type: 'string' },
				entity: { type: 'string' },
				record: { type: 'string' },
				save: { type: 'boolean', default: false },
				json: { type: 'boolean', default: false }
			}
		});
		const [file, ...more] = positionals;
		if (file === undefined || more.length > 0) throw new KitError(checkUsage);
		const { entity: only, ...rest } = values;
		return { file, only, ...rest };
	} catch (error) {
		if (error instanceof KitError) throw error;
		throw new KitError(`${error instanceof Error ? error.message : ''}\n${checkUsage}`);
	}
}

function textOf(file: string): string {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		throw new KitError(`${file} cannot be read`);
	}
}

/** The settings that a file holds. Throws KitError that names line and place of each mistake. */
export function parseDescription(text: string, file: string, url?: string): RestSettings {
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch (error) {
		throw new KitError(`${file} is not valid JSON: ${error instanceof Error ? error.message : ''}`);
	}
	const whole = url !== undefined && typeof json === 'object' ? { ...json, baseUrl: url } : json;
	const parsed = restSettings.safeParse(whole);
	const mistakes = parsed.success
		? unknownEntities(parsed.data)
		: parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
	if (parsed.success && mistakes.length === 0) return parsed.data;
	throw new KitError(mistakes.map((mistake) => lineFor(text, file, mistake)).join('\n'));
}

function lineFor(text: string, file: string, { path, message, isWarning }: Remark & { isWarning?: true }): string {
	const line = lineOfPath(text, path) ?? 1;
	return `${file}:${line}: ${isWarning ? 'warning: ' : ''}${path === '' ? '' : `${path}: `}${message}`;
}

/** The key that the service is called with. @throws KitError where there is none and the description needs one. */
function keyFor({ auth }: RestSettings): string {
	const key = process.env['CONNECTOR_KEY'] ?? '';
	const needsKey = auth.kind === 'session' ? JSON.stringify(auth.login).includes('{key') : auth.kind !== 'none';
	if (key !== '' || !needsKey) return key;
	throw new KitError(
		`CONNECTOR_KEY is empty, and the auth of this description ("${auth.kind}") needs it: nothing was sent.\n${checkUsage}`
	);
}

async function tryEntity(settings: RestSettings, key: string, name: string, recordId: string | null): Promise<Checked> {
	const nowMs = () => Date.now();
	const transport = createTransport({ fetch, monotonicNow: () => performance.now(), wallNow: nowMs });
	const call = createCaller({ settings, key, transport, nowMs });
	const entity = settings.entities[name];
	if (!entity) throw new KitError(`there is no entity ${name}`);
	try {
		return await checkEntity({
			entity: { ...entity, fields: entity.fields.filter((field) => !pointsElsewhere(name, field.name)) },
			resource: createResource(entity, call, settings),
			inSmallPages: createResource({ ...entity, pageSize: 2 }, call, settings),
			recordId,
			sleep: (ms) => sleep(ms),
			nowMs,
			mark: randomUUID().slice(0, 6).toUpperCase()
		});
	} catch (error) {
		if (!(error instanceof ConnectorError)) throw error;
		throw new KitError(
			`${name}: ${error.kind}: ${error.hint}${error.reply === undefined ? '' : `\nIt said: ${error.reply}`}`
		);
	} finally {
		await call.close();
	}
}

/** No text of ours is the id of a record there: such fields are left alone. */
function pointsElsewhere(entity: string, field: string): boolean {
	return entityNamed(entity)?.fields.find(({ name }) => name === field)?.type === 'reference';
}

/** The sheet for people. */
function printed(file: string, results: ReadonlyMap<string, Checked>): string {
	const parts = [...results].map(([name, { findings, leftBehind }]) => {
		const width = Math.max(...findings.map(({ what }) => what.length));
		const rows = findings.map(({ what, result, detail }) => `  ${what.padEnd(width)}  ${result.padEnd(9)}  ${detail}`);
		const left = leftBehind === null ? [] : [`  record ${leftBehind} was made for this check and stays there`];
		return [name, ...rows, ...left].join('\n');
	});
	return [
		`Trust sheet of ${file}`,
		...parts,
		'What came out as "no" is not relied on once this sheet is stored as "trust" (--save).'
	].join('\n\n');
}
