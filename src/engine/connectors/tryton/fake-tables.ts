import { FakeRefusal } from './fake-refusal.ts';
import { holds, plainDecimal } from './fake-compare.ts';
import { type FakeModel, fakeModels } from './fake-models.ts';
import { afterSaleStep, amountOfLine, moneyText } from './fake-sales.ts';

/** One row; a stamp is kept as text with microseconds. */
export type FakeRow = Record<string, unknown> & { id: number; create_date: string; write_date: string | null };

/** The part of a call's context that matters here. */
export type FakeContext = { _timestamp?: Record<string, string | null>; active_test?: boolean };

const userError = (message: string) => new FakeRefusal('UserError', [message, '', null]);

/** The rows of a fake Tryton database, with as much of its rules as the connector can run into. */
export class FakeTables {
	private rows = new Map<string, Map<number, FakeRow>>(Object.keys(fakeModels).map((model) => [model, new Map()]));
	private lastId = 0;
	private stamp = '';
	private userId = 0;
	private tags: Record<string, string | null> = {};
	private activeOnly = true;
	private company: number | null = null;

	/** Runs `work` as one transaction: one stamp for all it writes, and nothing of it when it throws. */
	transaction<Result>(stamp: string, userId: number, context: FakeContext, work: () => Result): Result {
		const backup = structuredClone(this.rows);
		[this.stamp, this.userId, this.tags] = [stamp, userId, { ...context._timestamp }];
		this.activeOnly = context.active_test !== false;
		try {
			const result = work();
			this.checkUnique();
			return result;
		} catch (error) {
			this.rows = backup;
			throw error;
		}
	}

	/** The company of the user, which new price lists belong to. */
	setDefaultCompany(id: number): void {
		this.company = id;
	}

	create(name: string, values: Record<string, unknown>): number {
		const { defaults } = this.model(name);
		const id = (this.lastId += 1);
		const row = {
			...structuredClone(defaults),
			...('company' in defaults && { company: this.company }),
			id,
			create_date: this.stamp,
			write_date: null,
			write_uid: null,
			create_uid: this.userId
		};
		this.table(name).set(id, row);
		this.assign(name, row, values);
		return id;
	}

	write(name: string, ids: readonly number[], values: Record<string, unknown>): void {
		for (const id of ids) {
			const row = this.existing(name, id);
			const tag = this.tags[`${name},${id}`];
			delete this.tags[`${name},${id}`];
			if (tag !== undefined && tag !== null && tag !== tagOf(row)) {
				throw new FakeRefusal('ConcurrencyException', 'Records were modified in the meanwhile');
			}
			Object.assign(row, { write_date: this.stamp, write_uid: this.userId });
			this.assign(name, row, values);
		}
	}

	/** Takes those sales through a step that are in a state for it. */
	step(name: string, ids: readonly number[], verb: string): void {
		for (const id of ids) {
			const row = this.existing(name, id);
			const changes = afterSaleStep(verb, row);
			if (verb === 'quote' && row['invoice_address'] === null) throw userError('An invoice address is required.');
			if (changes) this.write(name, [id], changes);
		}
	}

	remove(name: string, ids: readonly number[]): void {
		for (const id of ids) {
			this.existing(name, id);
			for (const [model, column] of Object.values(this.model(name).many ?? {})) {
				this.remove(model, this.pointing(model, column, id));
			}
			this.table(name).delete(id);
		}
	}

	/** Ids of the rows of this domain, by id. */
	search(name: string, domain: unknown): number[] {
		const shown = [...this.table(name).values()].filter((row) => !this.activeOnly || row['active'] !== false);
		return shown.filter((row) => this.matches(name, row, domain)).map((row) => row.id);
	}

	read(name: string, id: number, columns: readonly string[]): Record<string, unknown> {
		const row = this.existing(name, id);
		const found: Record<string, unknown> = { id };
		const nested = new Map<string, string[]>();
		for (const column of columns) {
			const [path, rest] = firstStep(column);
			if (rest !== undefined) nested.set(path, [...(nested.get(path) ?? []), rest]);
			else found[column] = this.listed(name, row.id, column) ?? this.value(row, column);
		}
		for (const [path, rest] of nested) {
			const [model, ids] = this.related(name, row, path);
			const rows = ids.map((each) => this.read(model, each, rest));
			found[`${path}.`] = this.model(name).one?.[path] ? (rows[0] ?? null) : rows;
		}
		return found;
	}

	private assign(name: string, row: FakeRow, values: Record<string, unknown>): void {
		const { defaults, many = {}, joined = [], required = [], lines = [] } = this.model(name);
		for (const [column, value] of Object.entries(values)) {
			const list = many[column];
			if (list) this.command(list, row.id, (value ?? []) as readonly (readonly unknown[])[]);
			else if (joined.includes(column)) this.join(row, column, value as readonly (readonly unknown[])[]);
			else if (column in defaults) row[column] = plainDecimal(value);
			else throw new FakeRefusal(`'${column}'`, '');
		}
		for (const column of required) {
			if (row[column] === null || row[column] === '') throw userError(`A value is required for field "${column}".`);
		}
		for (const column of lines) {
			if (/[\t\n\r]/.test(String(row[column] ?? ''))) throw userError(`The value for "${column}" has invalid chars.`);
		}
		if (row['type'] === 'ean' && !/^(\d{8}|\d{12,14})$/.test(String(row['code'])))
			throw userError('The code is not valid.');
		if (/\.\d{5}/.test(String(row['list_price'] ?? '')))
			throw userError('The number of digits exceeds the limit of "4".');
		this.computeCodes(name, row);
	}

	private command(list: readonly [string, string], ownerId: number, commands: readonly (readonly unknown[])[]): void {
		const [model, column] = list;
		for (const [verb, first, second] of commands) {
			const ids = first as number[];
			if (verb === 'delete') this.remove(model, ids);
			else if (verb === 'write') this.write(model, ids, second as Record<string, unknown>);
			else
				for (const values of first as Record<string, unknown>[]) this.create(model, { ...values, [column]: ownerId });
		}
	}

	/** Adds to and removes from a list of other rows' ids, which no row of its own stands for here. */
	private join(row: FakeRow, column: string, commands: readonly (readonly unknown[])[]): void {
		for (const [verb, ids] of commands as readonly [string, number[]][]) {
			const kept = (row[column] as number[]).filter((id) => !ids.includes(id));
			row[column] = verb === 'add' ? [...kept, ...ids] : kept;
		}
	}

	/** What Tryton derives: the whole code of a variant, and the tax identifier of a party. */
	private computeCodes(name: string, row: FakeRow): void {
		if (name === 'product.template') {
			for (const id of this.pointing('product.product', 'template', row.id)) {
				this.computeCodes('product.product', this.existing('product.product', id));
			}
		} else if (name === 'product.product') {
			const prefix = this.table('product.template').get(Number(row['template']))?.['code'] ?? '';
			row['code'] = `${String(prefix)}${String(row['suffix_code'] ?? '')}` || null;
		}
	}

	private checkUnique(): void {
		const codes = (name: string, active: boolean) =>
			[...this.table(name).values()].filter((row) => !active || row['active']).flatMap((row) => row['code'] ?? []);
		const repeats = (list: readonly unknown[]) => new Set(list).size < list.length;
		if (repeats(codes('product.product', true))) throw userError('Code of active product must be unique.');
		if (repeats(codes('party.party', false))) throw userError('The code on party must be unique.');
		for (const { formula } of this.table('product.price_list.line').values()) {
			if (!/^[\d.]+( #.*)?$|price/.test(String(formula)))
				throw userError(`The formula "${String(formula)}" is not valid.`);
		}
		for (const variant of this.table('product.product').values()) {
			const template = this.existing('product.template', Number(variant['template']));
			if (variant['active'] && !template['active']) throw userError('The value for field "Variants" is not valid.');
		}
	}

	private matches(name: string, row: FakeRow, domain: unknown): boolean {
		const parts = domain as readonly unknown[];
		const [first, operator, value] = parts;
		if (first === 'OR') return parts.slice(1).some((part) => this.matches(name, row, part));
		if (typeof first !== 'string') return parts.every((part) => this.matches(name, row, part));
		const [path, rest] = firstStep(first);
		if (rest !== undefined || operator === 'where') {
			const [model, ids] = this.related(name, row, path);
			const inner = rest === undefined ? value : [rest, operator, value];
			return ids.some((id) => this.matches(model, this.existing(model, id), inner));
		}
		return holds(this.value(row, path), String(operator), value);
	}

	private related(name: string, row: FakeRow, path: string): readonly [string, readonly number[]] {
		const { many = {}, one = {} } = this.model(name);
		const list = many[path];
		if (list) return [list[0], this.pointing(list[0], list[1], row.id)];
		const model = one[path];
		if (!model) throw new FakeRefusal(`'${path}'`, '');
		const id = this.value(row, path);
		return [model, typeof id === 'number' ? [id] : []];
	}

	/** The ids in a list of other rows; undefined for any other column. */
	private listed(name: string, id: number, column: string): number[] | undefined {
		const list = this.model(name).many?.[column];
		return list && this.pointing(list[0], list[1], id);
	}

	private value(row: FakeRow, column: string): unknown {
		if (column === '_timestamp') return tagOf(row);
		if (column === 'rec_name') return this.path(row);
		if (column === 'tax_identifier') {
			const ids = this.pointing('party.identifier', 'party', row.id);
			return ids.find((id) => this.existing('party.identifier', id)['type'] !== null) ?? null;
		}
		if (column === 'amount' && 'unit_price' in row) return moneyText(amountOfLine(row));
		if (column === 'total_amount' && row[column] === null) return this.totalOf(row);
		if (!(column in row)) throw new FakeRefusal(`'${column}'`, '');
		return row[column];
	}

	/** Of a sale whose total nobody set. */
	private totalOf(sale: FakeRow): string {
		const lines = this.pointing('sale.line', 'sale', sale.id).map((id) => this.existing('sale.line', id));
		const cents = lines.map(amountOfLine).reduce((sum, amount) => sum + amount, 0);
		return moneyText(cents + Math.round(Number(sale['tax_amount']) * 100));
	}

	/** Names from the top down. */
	private path(row: FakeRow): string {
		const above = row['parent'];
		const name = String(row['name']);
		return typeof above === 'number' ? `${this.path(this.existing('product.category', above))} / ${name}` : name;
	}

	private pointing(model: string, column: string, id: number): number[] {
		return [...this.table(model).values()].filter((row) => row[column] === id).map((row) => row.id);
	}

	private existing(name: string, id: number): FakeRow {
		const row = this.table(name).get(id);
		if (row) return row;
		throw userError(`You are trying to write to records "${id}" of "${name}" that don't exist anymore.`);
	}

	private table(name: string): Map<number, FakeRow> {
		const rows = this.rows.get(name);
		if (rows) return rows;
		throw new FakeRefusal(`'${name}'`, '');
	}

	private model(name: string): FakeModel {
		const model = fakeModels[name];
		if (model) return model;
		throw new FakeRefusal(`'${name}'`, '');
	}
}

/** A path of columns as its first step and the rest. */
function firstStep(path: string): readonly [string, string | undefined] {
	const at = path.indexOf('.');
	return at < 0 ? [path, undefined] : [path.slice(0, at), path.slice(at + 1)];
}

/** Whole seconds, as on SQLite. */
function tagOf(row: FakeRow): string {
	return (row.write_date ?? row.create_date).slice(0, 19);
}
