import { deserialize } from '$app/forms';
import { preloadData } from '$app/navigation';
import type { TriageRow } from './triage-row.ts';

export type Verdict = 'accept' | 'reject' | 'skip';
type Reply = { ok: true; suggestionId: string | null } | { ok: false; message: string };
/** What undo needs: the row, what was said of it, and the rows that left with it. */
type Step = { row: TriageRow; verdict: Verdict; with: readonly string[] };

const prefetchBelow = 15;

/**
 * Decides on one suggestion after the other without waiting for the server: requests leave in the order of the decisions, the
 * next page is fetched ahead, a refusal brings its row back with the reason. For the browser alone.
 */
export class Triage {
	rows = $state.raw<readonly TriageRow[]>([]);
	selectedId = $state<string | null>(null);
	/** Rows that are decided, skipped, or left with another one. */
	gone = $state.raw<readonly string[]>([]);
	/** Why the server refused, by row. */
	refused = $state.raw<Readonly<Record<string, string>>>({});
	/** How many requests are under way. */
	pending = $state(0);
	decided = $state(0);
	steps = $state.raw<readonly Step[]>([]);
	#next: string | null = null;
	#hrefOf: (cursor: string) => string;
	#queue: Promise<unknown> = Promise.resolve();
	#fetching = false;

	constructor(input: {
		rows: readonly TriageRow[];
		next: string | null;
		selectedId: string | null;
		hrefOf: (cursor: string) => string;
	}) {
		this.rows = input.rows;
		this.#next = input.next;
		this.#hrefOf = input.hrefOf;
		this.selectedId = input.rows.some(({ id }) => id === input.selectedId)
			? input.selectedId
			: (input.rows[0]?.id ?? null);
	}

	get open(): readonly TriageRow[] {
		return this.rows.filter(({ id }) => !this.gone.includes(id));
	}

	get selected(): TriageRow | null {
		return this.open.find(({ id }) => id === this.selectedId) ?? null;
	}

	/** Moves the selection without deciding. */
	move(by: 1 | -1): void {
		const { open } = this;
		const at = open.findIndex(({ id }) => id === this.selectedId);
		const to = open[Math.max(0, Math.min(open.length - 1, at + by))];
		if (to) this.selectedId = to.id;
	}

	decide(verdict: Verdict): void {
		const row = this.selected;
		if (!row) return;
		const leaving = [row.id, ...(verdict === 'accept' ? this.#rivalsOf(row) : [])];
		this.steps = [...this.steps, { row, verdict, with: leaving }];
		this.#leave(row, leaving);
		this.decided += 1;
		void this.#fetchAhead();
		if (verdict === 'skip') return;
		this.#send(row, verdict, { suggestion: row.id }, (reply) => {
			if (!reply.ok) this.#bringBack({ row, verdict, with: leaving }, reply.message);
		});
	}

	/** Takes the last decision back, on the server too. */
	undo(): void {
		const step = this.steps.at(-1);
		if (!step) return;
		this.steps = this.steps.slice(0, -1);
		this.decided -= 1;
		if (step.verdict === 'skip') return this.#return(step, step.row);
		this.#send(step.row, 'undoJudgement', {}, (reply) => {
			if (!reply.ok) this.refused = { ...this.refused, [step.row.id]: reply.message };
			else this.#return(step, { ...step.row, id: reply.suggestionId ?? step.row.id });
		});
	}

	#rivalsOf(row: TriageRow): string[] {
		const ofSame = this.rows.filter((other) => other.channel.id === row.channel.id && other.entity === row.entity);
		const rivals = ofSame.filter(
			(other) =>
				other.internalId === row.internalId ||
				(other.externalId === row.externalId && other.variantId === row.variantId)
		);
		return rivals.map(({ id }) => id).filter((id) => id !== row.id && !this.gone.includes(id));
	}

	#leave(row: TriageRow, leaving: readonly string[]): void {
		const { open } = this;
		const at = open.findIndex(({ id }) => id === row.id);
		const stays = ({ id }: TriageRow) => !leaving.includes(id);
		const following = open.slice(at + 1).find(stays) ?? open.slice(0, at).findLast(stays);
		this.gone = [...this.gone, ...leaving];
		this.selectedId = following?.id ?? null;
	}

	#return(step: Step, row: TriageRow): void {
		this.rows = this.rows.map((old) => (old.id === step.row.id ? row : old));
		this.gone = this.gone.filter((id) => !step.with.includes(id));
		this.selectedId = row.id;
	}

	#bringBack(step: Step, message: string): void {
		this.steps = this.steps.filter(({ row }) => row.id !== step.row.id);
		this.decided -= 1;
		this.refused = { ...this.refused, [step.row.id]: message };
		this.gone = this.gone.filter((id) => !step.with.includes(id));
		this.selectedId ??= step.row.id;
	}

	#send(
		row: TriageRow,
		action: 'accept' | 'reject' | 'undoJudgement',
		fields: Readonly<Record<string, string>>,
		then: (reply: Reply) => void
	): void {
		this.pending += 1;
		this.#queue = this.#queue.then(async () => {
			then(await post(row, action, fields));
			this.pending -= 1;
		});
	}

	async #fetchAhead(): Promise<void> {
		if (this.#next === null || this.#fetching || this.open.length > prefetchBelow) return;
		this.#fetching = true;
		const loaded = await preloadData(this.#hrefOf(this.#next)).catch(() => null);
		this.#fetching = false;
		if (loaded?.type !== 'loaded') return;
		type Loaded = { rows: readonly TriageRow[]; next: string | null };
		// A page of suggestions, or the inbox with its suggestions.
		const { triage, list } = loaded.data as { triage?: Loaded; list?: Loaded };
		const page = triage ?? list;
		const known = this.rows.map(({ id }) => id);
		this.rows = [...this.rows, ...(page?.rows ?? []).filter(({ id }) => !known.includes(id))];
		this.#next = page?.next ?? null;
		this.selectedId ??= this.open[0]?.id ?? null;
	}
}

/** The pair of a row as form fields. */
export function pairFieldsOf(row: TriageRow): Readonly<Record<string, string>> {
	const { channel, entity, internalId, externalId, variantId } = row;
	return { channel: channel.id, entity, internal: internalId, external: externalId, variant: variantId };
}

async function post(row: TriageRow, action: string, fields: Readonly<Record<string, string>>): Promise<Reply> {
	const body = new URLSearchParams({ ...pairFieldsOf(row), ...fields, stay: 'yes' });
	try {
		const response = await fetch(`/channels/${row.channel.id}/suggestions?/${action}`, {
			method: 'POST',
			body,
			headers: { accept: 'application/json', 'x-sveltekit-action': 'true' }
		});
		const result = deserialize(await response.text());
		if (result.type === 'success') {
			return { ok: true, suggestionId: (result.data?.['suggestionId'] as string | null | undefined) ?? null };
		}
		const refused =
			result.type === 'failure' ? (result.data?.['refused'] as { message?: string } | undefined) : undefined;
		return { ok: false, message: refused?.message ?? '' };
	} catch {
		return { ok: false, message: '' };
	}
}
