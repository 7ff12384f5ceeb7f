import type { Connection } from '#src/engine-client/engine-client.ts';
import { entities } from '#src/entities/registry.ts';
import type { Guard } from '#src/lib/words/guard-words.ts';
import { trustLines, type TrustLine } from '#src/lib/words/trust-words.ts';

export type ConnectionView = {
	label: string;
	facts: { label: string; value: string }[];
	/** What keeps a write there from passing over an edit, once for all kinds of records that share it. */
	guards: { guard: Guard; settleMs: number | null; records: string[]; all: boolean }[];
	/** Null where the kind of system is known by itself; `checkedAt` null where no check was made. */
	trust: { checkedAt: string | null; entities: { label: string; lines: TrustLine[] }[] } | null;
};

/** The connection of a channel as its page shows it: of the kinds of records that it carries, of all while it carries none. */
export function connectionView(
	channel: { name: string; entities: readonly { entity: string }[] },
	{ connector, facts, resources, checkable, trust }: Connection
): ConnectionView {
	const carried = new Set(channel.entities.map(({ entity }) => entity));
	const shown = resources.filter(({ entity }) => carried.size === 0 || carried.has(entity));
	return {
		label: connector.label,
		facts,
		guards: guardsOf(shown),
		trust: checkable
			? { checkedAt: trust?.checkedAt ?? null, entities: trust ? checkedOf(channel, shown, trust) : [] }
			: null
	};
}

function guardsOf(resources: Connection['resources']): ConnectionView['guards'] {
	const written = resources.filter(({ updates }) => updates);
	const groups = new Map<string, ConnectionView['guards'][number]>();
	for (const { entity, guard, settleMs } of written) {
		const key = `${guard} ${settleMs}`;
		const group = groups.get(key) ?? { guard, settleMs, records: [], all: false };
		group.records.push(labelOf(entity));
		groups.set(key, group);
	}
	return [...groups.values()].map((group) => ({ ...group, all: group.records.length === written.length }));
}

function checkedOf(
	channel: { name: string },
	resources: Connection['resources'],
	{ entities: sheets }: NonNullable<Connection['trust']>
) {
	return resources.flatMap(({ entity, fields }) => {
		const sheet = sheets[entity];
		if (!sheet) return [];
		const labels = new Map(fields.map(({ name, label }) => [name, label]));
		return [{ label: labelOf(entity), lines: trustLines(sheet, channel.name, (name) => labels.get(name) ?? name) }];
	});
}

function labelOf(name: string): string {
	return entities.find((entity) => entity.name === name)?.label.many ?? name;
}
