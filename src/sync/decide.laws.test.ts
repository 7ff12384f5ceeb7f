import { test } from 'vitest';
import { agreement, allowed, forAll, inputOf, rewrites, stampSets, type Stamps } from './decide.cases.ts';
import { decide } from './decide.ts';
import type { Value } from './fields.ts';

test('a field goes to exactly one place, and the action is named after what it does', () => {
	forAll((at, { kind, push, pull, asked, agreed, reasons }) => {
		const off = !allowed(at).push && !allowed(at).pull;
		if (off) return (reasons.length > 0 || kind !== 'none') && 'a field that is off was looked at';
		const keeps = reasons.filter(({ verdict }) => verdict === 'keep').length;
		const places = [push, pull, agreed.internal].filter(rewrites).length + asked.length + keeps;
		if (places !== 1) return 'not one place';
		const named = rewrites(push) ? 'push' : rewrites(pull) ? 'pull' : asked.length > 0 ? 'conflict' : 'none';
		return kind !== named && `called ${kind}, is ${named}`;
	});
});

test('no value is invented', () => {
	forAll((at, { push, pull }) => {
		if (rewrites(push) && push['f'] !== at.internal) return 'pushed what we do not hold';
		return rewrites(pull) && pull['f'] !== at.external && 'pulled what they do not hold';
	});
});

test('nothing flows against its direction, nor into a field that cannot be written', () => {
	forAll((at, { push, pull }) => {
		if (rewrites(push) && !allowed(at).push) return 'pushed';
		return rewrites(pull) && !allowed(at).pull && 'pulled';
	});
});

test('no edit is lost silently: what is overwritten had not moved, or is journaled with its value', () => {
	forAll((at, { push, pull, settled, asked }) => {
		const last = agreement(at);
		const journaled = [...settled, ...asked].find(({ field }) => field === 'f');
		if (journaled && (journaled.internal !== at.internal || journaled.external !== at.external))
			return 'journaled other values';
		const blank = (value: Value) => !last && value === null;
		if (rewrites(push) && !journaled && !blank(at.external) && last?.[1] !== at.external) return 'their edit lost';
		return rewrites(pull) && !journaled && !blank(at.internal) && last?.[0] !== at.internal && 'our edit lost';
	});
});

test('where only one side moved, the other takes it without a question', () => {
	forAll((at, { push, pull, settled, asked }) => {
		const last = agreement(at);
		if (!last || at.internal === at.external || at.direction !== 'both' || at.rule.readOnly) return;
		const ours = last[0] !== at.internal;
		const theirs = last[1] !== at.external;
		if (ours && !theirs)
			return (!rewrites(push) || settled.length + asked.length > 0) && 'our change did not just go out';
		if (theirs && !ours && !at.unconfirmed)
			return (!rewrites(pull) || settled.length + asked.length > 0) && 'their change did not just come in';
		if (!ours && !theirs) return (rewrites(push) || rewrites(pull) || asked.length > 0) && 'idle, yet it acts';
		return;
	});
});

test('our own write that comes back is never an edit', () => {
	forAll((at, { pull, asked, settled }) => {
		if (!at.sent.includes(at.external) || !allowed(at).push) return;
		return (rewrites(pull) || asked.length + settled.length > 0) && 'an echo was taken for an edit';
	});
});

test('the first contact never overwrites a value unless somebody chose a side for the set', () => {
	forAll((at, { push, pull, settled }) => {
		if (agreement(at)) return;
		const lost = (rewrites(push) && at.external !== null) || (rewrites(pull) && at.internal !== null);
		if (!lost) return;
		if (at.firstContact === 'ask' || at.firstContact === 'fill-blanks') return 'overwritten';
		return settled.length !== 1 && 'overwritten without a trace';
	});
});

test('the first contact asks unless told otherwise, and fill-blanks fills blanks only', () => {
	forAll((at, { push, pull, asked }) => {
		if (agreement(at) || at.internal === at.external || at.direction !== 'both' || at.rule.readOnly) return;
		if (at.firstContact === 'ask') return asked.length !== 1 && 'did not ask';
		if (at.firstContact !== 'fill-blanks') return;
		if (at.external === null) return !rewrites(push) && 'left their blank';
		if (at.internal === null) return !rewrites(pull) && 'left our blank';
		return asked.length !== 1 && 'did not ask';
	});
});

test('newest-wins decides only with evidence', () => {
	const moved = [stampSets[0], stampSets[1]] as readonly Stamps[];
	forAll((at, { settled, asked }) => {
		const last = agreement(at);
		if (at.conflict !== 'newest-wins' || !last || at.direction !== 'both' || at.rule.readOnly) return;
		for (const { winner } of settled) {
			if (!moved.includes(at.stamps)) return 'decided on stamps that say nothing';
			if (at.unconfirmed && !at.sent.includes(at.external)) return 'decided on a value nobody read back';
			const newer = at.stamps === stampSets[0] ? 'external' : 'internal';
			if (winner !== newer) return 'the older edit won';
		}
		const competing =
			at.internal !== at.external && last[0] !== at.internal && last[1] !== at.external && !at.unconfirmed;
		return competing && moved.includes(at.stamps) && asked.length > 0 && 'asked although the stamps are clear';
	});
});

test('where nothing competes, stamps and clocks have no say', () => {
	forAll((at, action) => {
		if (at.conflict !== 'newest-wins' || action.settled.length + action.asked.length > 0) return;
		const input = inputOf(at);
		const shifted = {
			...input,
			internal: { ...input.internal!, changed: { f: '1999-12-31T23:59:59Z' } },
			external: { ...input.external!, stamp: '2040-01-01T00:00:00Z' },
			stamps: { resolutionMs: 60_000, longestTransactionMs: 0, covers: [], clock: null }
		};
		return JSON.stringify(decide(shifted)) !== JSON.stringify(action) && 'another clock, another verdict';
	});
});
