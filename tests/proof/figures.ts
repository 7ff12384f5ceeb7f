import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { Comparison } from './compare.ts';

/** What the long commands found, each under its own name. Kept so that the page needs no second night to be written. */
export type Figures = {
	/** `npm run simulate` */
	schedules: Numbers;
	/** `npm run simulate -- --postgres` */
	postgres: Numbers;
	/** `npm run test:store` */
	pairs: Numbers;
	/** `npm run test:kill` */
	kills: Numbers;
	/** `npm run test:tryton:long` */
	tryton: Numbers;
	/** `npm run fuzz` */
	fuzz: Numbers;
	/** `npm run proof:compare`, as the seeds have it and with nothing that fails. */
	comparison: Comparison;
	calmComparison: Comparison;
};
export type Numbers = Readonly<Record<string, unknown>>;

export const figureNames = [
	'schedules',
	'postgres',
	'pairs',
	'kills',
	'tryton',
	'fuzz',
	'comparison',
	'calmComparison'
] as const satisfies readonly (keyof Figures)[];

/** One run of a command: what was typed, when it ended, at which commit, and what it printed. */
export type Recorded<Name extends keyof Figures> = {
	command: string;
	date: string;
	/** '+' where files differed from it. */
	commit: string;
	figures: Figures[Name];
};

const root = path.join(import.meta.dirname, '../..');
const keptIn = path.join(root, 'docs/proof-figures.json');
/** Asked when the run begins: what is loaded then is what the figures are of. A test is told by RECORD_AS, what was typed. */
const begunAt = process.argv.includes('--record') || process.env['RECORD_AS'] ? commitNow() : 'unknown';

/** What is on record. A command that was never run is absent. */
export function readFigures(file = keptIn): { [Name in keyof Figures]?: Recorded<Name> } {
	return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ReturnType<typeof readFigures>) : {};
}

/** Puts a run's figures on record, in the place of the last ones of that name. For the command itself to call, at its end. */
export async function record<Name extends keyof Figures>(
	name: Name,
	run: { command: string; figures: Figures[Name]; commit?: string; file?: string }
): Promise<void> {
	const { command, figures, commit = begunAt, file = keptIn } = run;
	const date = new Date().toISOString().slice(0, 10);
	const known = { ...readFigures(file), [name]: { command, date, commit, figures } };
	const sorted = Object.fromEntries(Object.entries(known).sort(([one], [other]) => (one < other ? -1 : 1)));
	mkdirSync(path.dirname(file), { recursive: true });
	writeFileSync(file, await format(JSON.stringify(sorted), { ...(await resolveConfig(file)), parser: 'json' }));
}

/** The words of this process's command, as somebody would type them again. */
export function typed(script: string): string {
	const words = process.argv.slice(2).filter((word) => word !== '--record' && word !== '--json');
	return `npm run ${script}${words.length > 0 ? ` -- ${words.join(' ')}` : ''}`;
}

function commitNow(): string {
	const git = (...words: string[]) => execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim();
	try {
		return (
			git('rev-parse', '--short=10', 'HEAD') + (git('status', '--porcelain', '--', 'src', 'tests') === '' ? '' : '+')
		);
	} catch {
		return 'unknown';
	}
}
