import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { decimal, type TrytonClient } from '../client.ts';
import { addProduct } from '../world.ts';
import { racedFields, type Side } from './lost-edits.ts';
import type { Dice } from './random.ts';
import type { InTurn } from './take-turns.ts';

export type Field = (typeof racedFields)[number];

/** People who edit on both sides, each edit with a value that nobody ever wrote before. */
export type People = {
	/** Edits that were answered, by side; what really happened is in the histories. */
	edits: Record<Side, number>;
	creates: Record<Side, number>;
	/** One or two edits or a create, of a random kind. */
	act(): Promise<void>;
	/** A person edits this template in Tryton now. */
	intrude(templateId: number): Promise<void>;
};

/** Some records are worked on more than others. */
const busyShare = 0.6;
const busyRecords = 6;
const createShare = 0.06;
const duelShare = 0.3;

/** `client` is a session of another user than the channel's; its writes go `inTurn`. */
export function createPeople(at: { db: Db; client: TrytonClient; dice: Dice; inTurn: InTurn }): People {
	const { db, client, dice, inTurn } = at;
	const ours: string[] = [];
	const theirs: number[] = [];
	const pairs = new Map<string, number>();
	let number = 0;

	/** Unique, of the field's type, and telling who wrote it. */
	function token(field: Field, side: Side): string {
		number += 1;
		if (field === 'price') return `${1000 + number}.${side === 'internal' ? '25' : '75'}`;
		const by = side === 'internal' ? 'us' : 'them';
		return field === 'value' ? `${by.toUpperCase()}-${number}` : `${field} ${number} by ${by}`;
	}

	async function editOurs(id: string, field: Field): Promise<void> {
		const value = token(field, 'internal');
		await db.execute(sql`update m_product set ${sql.identifier(field)} = ${value} where id = ${id}::bigint`);
		people.edits.internal += 1;
	}

	async function editTheirs(templateId: number, field: Field): Promise<void> {
		const value = token(field, 'external');
		if (field === 'name' || field === 'price') {
			const values = field === 'name' ? { name: value } : { list_price: decimal(value) };
			await inTurn(() => client.write('product.template', templateId, values));
		} else {
			const variant = await client.one('product.product', [['template', '=', templateId]], ['id']);
			const column = field === 'value' ? 'suffix_code' : 'description';
			await inTurn(() => client.write('product.product', Number(variant['id']), { [column]: value }));
		}
		people.edits.external += 1;
	}

	async function create(side: Side): Promise<void> {
		const name = token('name', side);
		const [value, price] = [token('value', side), token('price', side)];
		if (side === 'external') {
			const { id } = await addProduct(client, { value, name, price });
			theirs.push(Number(id));
		} else {
			const [row] = await db.execute<{ id: string }>(
				sql`insert into m_product (value, name, price) values (${value}, ${name}, ${price}) returning id::text as id`
			);
			if (row) ours.push(row.id);
		}
		people.creates[side] += 1;
	}

	/** Records that the engine made or linked since. */
	async function learn(): Promise<void> {
		const rows = await db.execute<{ internalId: string; externalId: string }>(
			sql`select m_product_id::text as "internalId", external_product_id as "externalId" from c_channel_map_product order by id`
		);
		for (const { internalId, externalId } of rows) {
			pairs.set(internalId, Number(externalId));
			if (!ours.includes(internalId)) ours.push(internalId);
			if (!theirs.includes(Number(externalId))) theirs.push(Number(externalId));
		}
	}

	function one<T>(records: readonly T[]): T {
		return dice.pick(dice.chance(busyShare) ? records.slice(0, busyRecords) : records);
	}

	const people: People = {
		edits: { internal: 0, external: 0 },
		creates: { internal: 0, external: 0 },
		async act() {
			await learn();
			const field = dice.pick(racedFields);
			if (dice.chance(createShare)) return create(dice.chance(0.5) ? 'internal' : 'external');
			if (dice.chance(duelShare)) {
				const [internalId, templateId] = one([...pairs]);
				await Promise.all([editOurs(internalId, field), editTheirs(templateId, field)]);
				return;
			}
			if (dice.chance(0.5)) await editOurs(one(ours), field);
			else await editTheirs(one(theirs), field);
		},
		intrude: (templateId) => editTheirs(templateId, dice.pick(racedFields))
	};
	return people;
}
