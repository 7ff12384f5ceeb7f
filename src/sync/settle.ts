import type { StampFacts } from './decide.ts';
import type { ConflictRule } from './policy.ts';

export type Settlement = {
	/** null = a person must choose. */
	winner: 'internal' | 'external' | null;
	/** The rule that settled it, or `ask: why`. */
	rule: string;
};

export type SettleInput = {
	field: string;
	rule: ConflictRule;
	/** The external base is what we sent, never read back: its difference may be the channel's rewriting. */
	unconfirmed: boolean;
	internalStamp: string | null;
	externalStamp: string | null;
	baseExternalStamp: string | null;
	/** A write of ours with unknown outcome has landed: the channel's stamp may be its own. */
	ownWriteSeen: boolean;
	stamps: StampFacts;
};

/**
 * Who wins a field that both sides changed. `newest-wins` decides only where the stamps can carry it: both present,
 * the channel's moved since the last agreement (so it is not that of our own write), it covers the field, and the two
 * differ by more than clock uncertainty plus resolution. Otherwise a person is asked.
 */
export function settle(input: SettleInput): Settlement {
	switch (input.rule) {
		case 'internal-wins':
			return { winner: 'internal', rule: 'internal-wins' };
		case 'external-wins':
			return { winner: 'external', rule: 'external-wins' };
		case 'ask':
			return { winner: null, rule: 'ask: policy' };
		case 'newest-wins':
			return newestWins(input);
	}
}

function newestWins(input: SettleInput): Settlement {
	const { stamps, internalStamp, externalStamp, baseExternalStamp } = input;
	const ask = (why: string): Settlement => ({ winner: null, rule: `ask: ${why}` });
	if (input.unconfirmed) return ask('value-unconfirmed');
	if (internalStamp === null || externalStamp === null || baseExternalStamp === null) return ask('no-stamp');
	if (input.ownWriteSeen) return ask('own-write');
	if (externalStamp === baseExternalStamp) return ask('stamp-not-moved');
	if (stamps.covers !== 'all' && !stamps.covers.includes(input.field)) return ask('stamp-does-not-cover-field');
	if (stamps.clock === null) return ask('clock-not-measured');
	const theirs = epochMicros(externalStamp);
	const ours = epochMicros(internalStamp);
	if (theirs === null || ours === null) return ask('no-stamp');
	const aheadMs = Number(theirs - ours) / 1000 - stamps.clock.offsetMs;
	if (Math.abs(aheadMs) <= stamps.clock.uncertaintyMs + stamps.resolutionMs) return ask('too-close');
	return { winner: aheadMs > 0 ? 'external' : 'internal', rule: 'newest-wins' };
}

/** ISO 8601 UTC text with up to microseconds -> microseconds since 1970; null for anything else. */
export function epochMicros(iso: string): bigint | null {
	const match = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?(?:Z|\+00(?::?00)?)$/.exec(iso);
	if (!match?.[1]) return null;
	const seconds = Date.parse(`${match[1].replace(' ', 'T')}Z`);
	if (Number.isNaN(seconds)) return null;
	return BigInt(seconds) * 1000n + BigInt((match[2] ?? '').padEnd(6, '0'));
}

const firstMicros = -62_135_596_800_000_000n;
const lastMicros = 253_402_300_799_999_999n;

/** Microseconds since 1970 -> ISO 8601 UTC text with microseconds; what lies outside the years 1 to 9999 is moved to their edge. */
export function isoFromMicros(micros: bigint): string {
	const held = micros < firstMicros ? firstMicros : micros > lastMicros ? lastMicros : micros;
	// Microseconds of these years have up to 18 digits, seconds and the rest are exact as numbers.
	const rest = Number(held % 1_000_000n);
	const second = Number(held / 1_000_000n) - (rest < 0 ? 1 : 0);
	const text = new Date(second * 1000).toISOString();
	return `${text.slice(0, 20)}${String(rest < 0 ? rest + 1_000_000 : rest).padStart(6, '0')}Z`;
}
