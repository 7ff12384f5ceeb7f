import { changeOf, type Change } from './change.ts';
import { combineVerdicts, whileKeyWaits } from './combine-verdicts.ts';
import { confirmation, needsConfirming } from './confirm.ts';
import type { Fields, FieldType, Value } from './fields.ts';
import { baseOf, ownWriteSeen } from './field-base.ts';
import { firstContact } from './first-contact.ts';
import { proposedOnly } from './kept-elsewhere.ts';
import { flowOf } from './flow.ts';
import { conflictRuleOf, type ChannelEntityPolicy } from './policy.ts';
import { isPointing, sidesAgree, unlinkedIn, type AwaitedReference, type ReferenceLinks } from './reference.ts';
import { epochMicros, settle, type Settlement } from './settle.ts';

/** How one field is compared: what the channel would hold after we wrote a value. */
export type FieldRule = {
	name: string;
	type: FieldType;
	normal: (value: Value) => Value;
	readOnly?: boolean;
	/** Of concern only when a record of ours is made from one of the channel's. */
	once?: true;
	/** Its values are in this value table: they are compared like references, by what stands for what. */
	table?: string;
	/** Part of what tells the record from others: where it points elsewhere than the other side, the rest must not flow. */
	key?: true;
	/** Sent to the channel as it is now, whatever it holds there: a value of the channel's is overwritten, never in conflict. */
	latest?: true;
	/** A change of the channel's waits until a person confirms it; one of ours is never overwritten by the channel. */
	confirm?: true;
	/** Another application keeps it and we cannot write it there: a value of the channel's is proposed to a person. */
	keptElsewhere?: true;
};

/** One write that may have reached the channel, or may still. */
export type WriteAttempt = {
	tag: string;
	/** What was sent. */
	external: Fields;
	/** Our values it was made from. */
	internal: Fields;
	/** Set once the sides agreed without it: after this moment (ms since 1970) it can no longer land. */
	untilMs?: number;
	/** It got no answer, and may land until then (ms since 1970, the database's time); set where no precondition would stop it. */
	landsByMs?: number;
};

/** Writes whose outcome is not known: stored before they are sent, oldest first, removed once one is confirmed. */
export type PendingWrite = { attempts: readonly WriteAttempt[] };

/** What each side held when they last agreed. A field absent here was never agreed on. */
export type Base = {
	internal: Fields;
	external: Fields;
	/** Fields whose external base is what we sent, not what was read. */
	unconfirmed: readonly string[];
	/** The channel's stamp at the last agreement, our own write included; null = unknown. */
	externalStamp: string | null;
	/** Our last write moved the stamp past `externalStamp`, to one that was not seen: it is a lower bound only. */
	stampPassed: boolean;
};

export type InternalSide = {
	fields: Fields;
	/** When each field last changed (ISO UTC); a pulled value carries its source's time. */
	changed: Readonly<Record<string, string>>;
};

export type ExternalSide = { fields: Fields; stamp: string | null };

/** What is known of the channel's clock and stamps. */
export type StampFacts = {
	resolutionMs: number;
	/** A stamp may lie so long before the moment at which its change could be seen. */
	longestTransactionMs: number;
	covers: 'all' | readonly string[];
	/** Channel clock minus ours, with the half-width of what was measured; null = not measured. */
	clock: { offsetMs: number; uncertaintyMs: number } | null;
};

export type DecideInput = {
	fields: readonly FieldRule[];
	base: Base | null;
	internal: InternalSide | null;
	external: ExternalSide | null;
	pendingWrite: PendingWrite | null;
	stamps: StampFacts;
	policy: ChannelEntityPolicy;
	/** Fields that wait for a person already, with the rule that asked; absent = none. */
	asked?: Readonly<Record<string, string>>;
	/** By field of type `reference`: which records are linked to which. */
	references?: Readonly<Record<string, ReferenceLinks>>;
};

/** Both sides of a field competed; `winner` null = a person must choose. */
export type FieldConflict = {
	field: string;
	base: Value;
	internal: Value;
	external: Value;
	rule: string;
	winner: 'internal' | 'external' | null;
};

/** Why one field goes where it goes; kept in the journal and shown as "Why?". */
export type FieldReason = {
	field: string;
	internalChange: Change;
	externalChange: Change;
	verdict: 'agree' | 'push' | 'pull' | 'conflict' | 'keep' | 'await';
	rule: string;
};

export type ActionKind = 'none' | 'push' | 'pull' | 'merge' | 'conflict' | 'orphan';

export type Action = {
	kind: ActionKind;
	/** Values to send, in the channel's normal form. */
	push: Fields;
	/** Values to write to our record. */
	pull: Fields;
	settled: readonly FieldConflict[];
	asked: readonly FieldConflict[];
	/** Fields on which both sides agree now, with what each holds. */
	agreed: { internal: Fields; external: Fields };
	reasons: readonly FieldReason[];
	/** References to records that are not linked: their fields are left as they are. Absent = none. */
	awaiting?: readonly AwaitedReference[];
	/** Which side is gone, for an orphan. */
	missing?: 'internal' | 'external';
};

const nothing: Omit<Action, 'kind'> = {
	push: {},
	pull: {},
	settled: [],
	asked: [],
	agreed: { internal: {}, external: {} },
	reasons: []
};

/**
 * What should happen to one link, from values alone: no I/O, no clock, no randomness. A three-way merge per field
 * (Unison's archive model): one side changed, the other takes it; both changed, the policy or a person settles it.
 * A time stamp never decides whether a side changed; it only breaks ties under `newest-wins`.
 */
export function decide(input: DecideInput): Action {
	const { internal, external } = input;
	if (!internal || !external) return { ...nothing, kind: 'orphan', missing: internal ? 'external' : 'internal' };

	const verdicts = input.fields.flatMap((rule) => {
		const verdict = decideField(rule, input, internal, external);
		return verdict ? [verdict] : [];
	});
	return combineVerdicts(input, whileKeyWaits(verdicts), internal, external);
}

/** What was found about one field. */
export type Verdict = {
	rule: FieldRule;
	reason: FieldReason;
	conflict?: FieldConflict;
	awaits?: readonly AwaitedReference[];
};

function decideField(
	rule: FieldRule,
	input: DecideInput,
	internal: InternalSide,
	external: ExternalSide
): Verdict | null {
	const ours = internal.fields[rule.name];
	const theirs = external.fields[rule.name];
	if (ours === undefined || theirs === undefined || flowOf(rule, input.policy) === 'off') return null;

	const base = baseOf(rule, input, theirs);
	const internalChange = changeOf(rule.type, base.internal, ours);
	const externalChange = changeOf(rule.type, base.external, theirs);
	const reason = (verdict: FieldReason['verdict'], why: string): FieldReason => ({
		field: rule.name,
		internalChange,
		externalChange,
		verdict,
		rule: why
	});

	if (sidesAgree(rule, input.references, ours, theirs)) return { rule, reason: reason('agree', 'equal') };
	const flow = settlementOf({ rule, input, internal, external, base, internalChange, externalChange });
	const settlement = proposedOnly(rule, flow);
	const awaits = isPointing(rule.type) ? awaitedBy(rule, input, settlement, ours, theirs) : [];
	const missing = rule.table === undefined ? 'reference-not-linked' : 'value-not-mapped';
	if (awaits.length > 0) return { rule, reason: reason('await', missing), awaits };
	if (settlement.competing) {
		const { winner, rule: why } = settlement;
		const values = { base: base.internal ?? null, internal: ours, external: theirs };
		const conflict = { field: rule.name, ...values, rule: why, winner };
		const verdict = winner === null ? 'conflict' : winner === 'internal' ? 'push' : 'pull';
		return { rule, reason: reason(verdict, why), conflict };
	}
	return { rule, reason: reason(settlement.verdict, settlement.rule) };
}

/** The records without a link that stand in the way of what a reference should become; two without one cannot be compared. */
function awaitedBy(
	{ name, type }: FieldRule,
	{ references }: DecideInput,
	settlement: Flow,
	ours: Value,
	theirs: Value
): AwaitedReference[] {
	const links = references?.[name];
	const internal = unlinkedIn(type, links, 'internal', ours);
	const external = unlinkedIn(type, links, 'external', theirs);
	const winner = settlement.competing ? settlement.winner : null;
	const pushes = settlement.competing ? winner === 'internal' : settlement.verdict === 'push';
	const pulls = settlement.competing ? winner === 'external' : settlement.verdict === 'pull';
	const asks = settlement.competing && winner === null && internal.length > 0 && external.length > 0;
	if (pushes || asks) return internal.map((id) => ({ field: name, side: 'internal', id }));
	return pulls ? external.map((id) => ({ field: name, side: 'external', id })) : [];
}

type FieldBase = ReturnType<typeof baseOf>;
export type Flow =
	{ competing: false; verdict: 'push' | 'pull' | 'keep'; rule: string } | ({ competing: true } & Settlement);

function settlementOf(at: {
	rule: FieldRule;
	input: DecideInput;
	internal: InternalSide;
	external: ExternalSide;
	base: FieldBase;
	internalChange: Change;
	externalChange: Change;
}): Flow {
	const { rule, input, internal, external, base } = at;
	const direction = flowOf(rule, input.policy);
	const ours = at.internalChange !== 'unchanged';
	const theirs = at.externalChange !== 'unchanged';
	if (rule.latest && (ours || theirs)) return { competing: false, verdict: 'push', rule: 'latest' };
	if (base.internal === undefined || base.external === undefined)
		return firstContact({ rule, policy: input.policy, internal, external, direction });
	if (!ours && !theirs) return { competing: false, verdict: 'keep', rule: 'unchanged' };
	if (direction === 'to-channel') {
		if (!theirs) return { competing: false, verdict: 'push', rule: 'changed-internal' };
		return { competing: true, winner: 'internal', rule: 'direction' };
	}
	const age = theirs ? ageOf(input, external) : 'newer';
	const asked = input.asked?.[rule.name];
	// What was put back stays suspect: a write of ours to another field moves the stamp, and does not make it an edit.
	if (age === 'restored' || (theirs && asked === 'ask: older-than-agreed'))
		return { competing: true, winner: null, rule: 'ask: older-than-agreed' };
	if (needsConfirming(rule, input.policy)) return confirmation({ ...at, ours, theirs, direction });
	if (direction === 'from-channel') {
		if (!ours) return { competing: false, verdict: 'pull', rule: 'changed-external' };
		return { competing: true, winner: 'external', rule: 'direction' };
	}
	if (!theirs) return { competing: false, verdict: 'push', rule: 'changed-internal' };
	// A late commit, or a backup of just before: the value that gives way is kept beside the other.
	if (!ours && !base.unconfirmed && age === 'late') return { competing: true, winner: 'external', rule: 'late-stamp' };
	if (!ours && !base.unconfirmed) return { competing: false, verdict: 'pull', rule: 'changed-external' };
	// Stamps that moved since a person was asked, by our own write to another field say, are no new evidence.
	if (asked !== undefined && conflictRuleOf(input.policy, rule.name) === 'newest-wins')
		return { competing: true, winner: null, rule: asked };
	const settlement = settle({
		field: rule.name,
		rule: conflictRuleOf(input.policy, rule.name),
		unconfirmed: base.unconfirmed,
		internalStamp: internal.changed[rule.name] ?? null,
		externalStamp: external.stamp,
		baseExternalStamp: input.base?.stampPassed ? null : (input.base?.externalStamp ?? null),
		ownWriteSeen: ownWriteSeen(input, external),
		stamps: input.stamps
	});
	return { competing: true, ...settlement };
}

/**
 * A changed value with a stamp from before the last agreement was restored, not edited: a person looks first. Where the
 * stamp is older by no more than a transaction may take, it may as well be that of a transaction's beginning.
 */
export function ageOf(input: DecideInput, external: ExternalSide): 'newer' | 'late' | 'restored' {
	const now = external.stamp === null ? null : epochMicros(external.stamp);
	const agreed = input.base?.externalStamp ? epochMicros(input.base.externalStamp) : null;
	if (now === null || agreed === null || now > agreed) return 'newer';
	if (now === agreed && !input.base?.stampPassed) return 'newer';
	const toleranceMs = input.stamps.longestTransactionMs + input.stamps.resolutionMs;
	return now + BigInt(Math.ceil(toleranceMs * 1000)) < agreed ? 'restored' : 'late';
}
