import { canonical, type Fields, type FieldType, type Value } from './fields.ts';
import { directionOf, type ChannelEntityPolicy } from './policy.ts';

/** A field in which a person lets one side win, with what each side holds as far as is known. */
export type GivingWay = { field: string; internal: Value; external: Value };

export type GivingWayInput = {
	/** The side whose values are to stay. */
	winner: 'internal' | 'external';
	fields: readonly { name: string; type: FieldType }[];
	policy: ChannelEntityPolicy;
	/** Our record now. */
	internal: Fields;
	/** The channel's record as it was seen after the last agreement; null = not seen since. */
	seen: Fields | null;
	base: { internal: Fields | null; external: Fields | null };
	/** What the channel held in the fields that wait for a person. */
	asked: Fields;
};

/**
 * Fields in which the other side holds something of its own that must give way: those that wait for a person, and those
 * that changed there without being taken over yet. Where only the winner changed nothing needs a word, since an ordinary
 * run carries that over. A field that may not flow the winner's way is left alone.
 */
export function givingWay(input: GivingWayInput): GivingWay[] {
	const { winner, internal, seen, asked, base } = input;
	const way = winner === 'internal' ? 'to-channel' : 'from-channel';
	return input.fields.flatMap(({ name, type }): GivingWay[] => {
		if (!['both', way].includes(directionOf(input.policy, name))) return [];
		const ours = internal[name] ?? null;
		const waits = asked[name];
		if (waits !== undefined) return [{ field: name, internal: ours, external: waits }];
		const theirs = seen?.[name];
		if (theirs === undefined || canonical(type, ours) === canonical(type, theirs)) return [];
		const [loser, agreed] = winner === 'internal' ? [theirs, base.external?.[name]] : [ours, base.internal?.[name]];
		if (agreed !== undefined && canonical(type, agreed) === canonical(type, loser)) return [];
		return [{ field: name, internal: ours, external: theirs }];
	});
}
