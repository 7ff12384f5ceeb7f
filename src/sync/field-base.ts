import type { DecideInput, ExternalSide, FieldRule, WriteAttempt } from './decide.ts';
import { canonical, type Value } from './fields.ts';

/** Whether the channel would hold the same for both values. */
export function agree(rule: FieldRule, one: Value, other: Value): boolean {
	return canonical(rule.type, rule.normal(one)) === canonical(rule.type, rule.normal(other));
}

/** Whether a value of an unconfirmed write is there: then the channel's stamp may be that write's, not an edit's. */
export function ownWriteSeen(input: DecideInput, external: ExternalSide): boolean {
	return input.fields.some((rule) => {
		const theirs = external.fields[rule.name];
		return theirs !== undefined && echoOf(rule, input, theirs) !== undefined;
	});
}

function echoOf(rule: FieldRule, input: DecideInput, theirs: Value): WriteAttempt | undefined {
	return input.pendingWrite?.attempts.findLast(({ external }) => {
		const sent = external[rule.name];
		return sent !== undefined && agree(rule, sent, theirs);
	});
}

/** The field's base, with a write of ours that has landed already counted in. */
export function baseOf(rule: FieldRule, input: DecideInput, theirs: Value) {
	const echo = echoOf(rule, input, theirs);
	if (echo) return { internal: echo.internal[rule.name], external: theirs, unconfirmed: false };
	const external = input.base?.external[rule.name];
	const unconfirmed = input.base?.unconfirmed.includes(rule.name) ?? false;
	const rewritten = unconfirmed && external !== undefined && agree(rule, external, theirs);
	return {
		internal: input.base?.internal[rule.name],
		external: rewritten ? theirs : external,
		unconfirmed: unconfirmed && !rewritten
	};
}
