import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { SourceDescriptor } from '#src/entities/record-source.ts';
import { parseDescriptor } from './descriptor.ts';
import { SourceError } from './source-error.ts';

/** The descriptor of an entity from `file`, or from `sources/ENTITY.json` in `folder`. @throws SourceError */
export function readDescriptor(
	folder: string,
	entity: string,
	file?: string
): { source: SourceDescriptor; from: string } {
	const from = file ?? path.join('sources', `${entity}.json`);
	let text: string;
	try {
		text = readFileSync(path.resolve(folder, from), 'utf8');
	} catch {
		throw new SourceError(`${from} cannot be read: it describes where ${entity} records are kept (docs/source.md)`);
	}
	const source = parseDescriptor(text, from);
	if (source.entity !== entity) throw new SourceError(`${from}:1: describes ${source.entity}, not ${entity}`);
	return { source, from };
}
