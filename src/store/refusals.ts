import type { Entity } from '#src/entities/entity.ts';
import { refusal, type Holder, type Refusal } from './refusal.ts';

/** No entity has this name. */
export function unknownEntity(name: string, more: { field?: string } = {}): Refusal {
	return refusal('unknown-entity', `There is no entity "${name}".`, 'Check the spelling.', more);
}

/** No channel has this id. */
export function unknownChannel(channelId: string): Refusal {
	return refusal('unknown-channel', `There is no channel ${channelId}.`, 'It may have been removed.');
}

/** The channel is there, without this entity. */
export function notCarried(channelName: string, entity: Entity): Refusal {
	const message = `${channelName} does not carry ${entity.label.many.toLowerCase()}.`;
	return refusal('unknown-entity', message, 'Choose another channel.');
}

/** Another channel has this name. */
export function channelNameTaken(name: string): Refusal {
	const message = `There is a channel named ${name} already.`;
	return refusal('invalid', message, 'Choose another name.', { field: 'name' });
}

/** No link has this id. */
export function unknownLink(): Refusal {
	return refusal(
		'unknown-link',
		'This link does not exist any more.',
		'Somebody may have ended it; see the activity of the record.'
	);
}

/** Our record is gone. */
export function ourRecordGone(hint: string): Refusal {
	return refusal('unknown-record', 'Our record does not exist any more.', hint);
}

/** Our record, which was to be linked, is gone. */
export function nothingToLink(): Refusal {
	const message = 'This record of ours does not exist any more.';
	return refusal('unknown-record', message, 'Go back to the list.', { field: 'internalId' });
}

/** The record that was to be changed is gone. */
export function nothingToSave(): Refusal {
	return refusal('unknown-record', 'This record does not exist any more.', 'Go back to the list.');
}

/** The record that was to be set aside is gone. */
export function nothingToExclude(side: 'internal' | 'external'): Refusal {
	const kind = side === 'internal' ? 'unknown-record' : 'unknown-external';
	return refusal(kind, 'This record does not exist any more.', 'Look at the list again.');
}

/** No scan or search saw this record at the channel, or (`gone`) its absence was confirmed. */
export function unknownExternal(entity: Entity, channelName: string, externalId: string, gone: boolean): Refusal {
	const message = gone
		? `${externalId} was deleted in ${channelName}.`
		: `${channelName} has no ${entity.label.one.toLowerCase()} ${externalId} that we know of.`;
	return refusal('unknown-external', message, 'Search the channel again and choose a record from the list.', {
		field: 'externalId'
	});
}

/** A second link of a record, where the channel allows one. */
export function secondaryNotAllowed(channelName: string): Refusal {
	const message = `${channelName} allows one link per record.`;
	return refusal('not-allowed', message, 'An administrator can allow further ones.');
}

/** The link is the primary one already. */
export function primaryAlready(): Refusal {
	return refusal('stale', 'This is the main link of the record already.', 'Look at the record again.');
}

/** The record of a link is gone at the channel. */
export function recordGoneThere(externalId: string, channelName: string): Refusal {
	return refusal('stale', `${externalId} is gone in ${channelName}.`, 'Restore it there, or choose another link.');
}

/** A person is asked about fields of that link. */
export function conflictsOpen(externalId: string, channelName: string): Refusal {
	const message = `The link with ${externalId} in ${channelName} has conflicts that wait for a choice.`;
	return refusal('stale', message, 'Settle them first: a link that only sends takes nothing over any more.');
}

/** A create of this record is under way. `where`: "in ERP". */
export function intentOpen(where: string): Refusal {
	const message = `This record is just being created ${where}.`;
	return refusal('intent-open', message, 'Wait until the create is confirmed, usually within a minute.');
}

/** The channel's record is linked, by `holder`. */
export function externalHeld(pair: { internalId: string; externalId: string }, holder: Holder): Refusal {
	const who = holder.value === null ? `record ${holder.internalId}, which is gone` : `${holder.value} ${holder.name}`;
	const hint =
		holder.internalId === pair.internalId ? 'Nothing to do.' : 'Unlink that one first, or choose another record.';
	return refusal('held', `${pair.externalId} is linked to ${who}.`, hint, { field: 'externalId', holder });
}

/** Our record is linked, by `holder`. */
export function internalHeld(holder: Holder): Refusal {
	const message = `This record is linked to ${holder.externalId} already.`;
	return refusal('held', message, 'Unlink or re-point that link first.', { field: 'internalId', holder });
}

/** Nothing can be set aside where the entity takes no part. */
export function excludedWhereNotCarried(): Refusal {
	return refusal('unknown-channel', 'This channel does not carry this entity.', 'Choose another channel.');
}

/** The record to set aside is linked. */
export function linkedNotExcluded(): Refusal {
	return refusal('held', 'This record is linked.', 'Unlink it first; that keeps automation away as well.');
}

/** The link means this record of the channel already. */
export function sameTarget(): Refusal {
	return refusal('invalid', 'The link means this record already.', 'Choose another one.', { field: 'externalId' });
}

/** Both sides of the link are there. */
export function nothingMissing(): Refusal {
	return refusal('stale', 'Neither side of this link is missing any more.', 'Sync it now, and look at it again.');
}

/** Our record was deleted before its values were kept. */
export function nothingKept(entity: Entity): Refusal {
	const message = `Nothing is kept of this ${entity.label.one.toLowerCase()} that could be brought back.`;
	return refusal('unknown-record', message, 'Unlink the two; what the channel has can then be taken over as new.');
}

/** Sending to the channel is off. */
export function notSending(channelName: string): Refusal {
	return refusal(
		'not-allowed',
		`Nothing is sent to ${channelName} yet.`,
		'Go live in that direction first, on the page of the channel.'
	);
}

/** Only the main link of a record is created anew. */
export function furtherNotRestored(channelName: string): Refusal {
	const message = `A further link is not created in ${channelName} again.`;
	return refusal('not-allowed', message, 'Unlink it, or make it the main link of the record.');
}

/** No ended link that could be brought back. */
export function unlinkNotUndoable(): Refusal {
	return refusal(
		'nothing-to-undo',
		'This was undone already, or cannot be undone.',
		'See the record for its links now.'
	);
}

/** The ended link stands again. */
export function linkThereAgain(): Refusal {
	return refusal('nothing-to-undo', 'This link is there again already.', 'Nothing to do.');
}

/** The suggestion went with one of its two records. */
export function goneSuggestion(): Refusal {
	return refusal(
		'stale',
		'This suggestion is not there any more.',
		'One of the two was linked, changed or set aside; look at the list again.'
	);
}

/** There is no judgement of this pair that could be taken back. */
export function judgementNotUndoable(): Refusal {
	return refusal(
		'nothing-to-undo',
		'This was taken back already, or the link has changed since.',
		'See the record for its links now.'
	);
}

/** A resolve without a choice. */
export function nothingChosen(): Refusal {
	return refusal('invalid', 'No field was chosen.', 'Choose a side for at least one field.', { field: 'choices' });
}

/** What the person chose between is not there any more. */
export function changedMeanwhile(what: string): Refusal {
	return refusal('stale', `${what} changed while you were looking.`, 'Look at the new values and choose again.');
}

/** A field does not hold what it did when a rule settled it. */
export function changedSince(fieldLabel: string): Refusal {
	return refusal('stale', `${fieldLabel} was changed since.`, 'Edit the record instead.');
}

/** The record moved under the form. */
export function savedMeanwhile(): Refusal {
	return refusal(
		'stale',
		'Somebody saved this record while you were editing.',
		'Look at the new values and save again.'
	);
}

/** The settings moved under the form. */
export function settingsChanged(): Refusal {
	return refusal('stale', 'Somebody changed these settings while you were looking.', 'Look at them again, then save.');
}

/** The hold is decided. */
export function holdDecided(): Refusal {
	return refusal('stale', 'Somebody decided about this already.', 'Look at the channel.');
}

/** The settlement cannot be turned round. */
export function nothingToTakeBack(): Refusal {
	return refusal(
		'nothing-to-undo',
		'This was taken back already, or was never settled by a rule.',
		'Look at the record again.'
	);
}

/** The two sides name another record each by an id of their own. */
export function chosenByHand(label: string): Refusal {
	return refusal(
		'nothing-to-undo',
		`${label} is called something else there.`,
		'Choose the value on our record instead.'
	);
}

/** No such write in the journal. */
export function nothingToGiveBack(): Refusal {
	return refusal('nothing-to-undo', 'The journal has no such write.', 'Look at the link again.');
}

/** The losing value belongs to another record by now. */
export function valueTaken(): Refusal {
	return refusal('invalid', 'Another record has this value already.', 'Change that record first.');
}

/** Another record has this code, or points to the same where that is what tells records apart. */
export function codeTaken({ fields, keyFields = ['value'], label: { one } }: Entity): Refusal {
	const labels = keyFields.map((key) => fields.find(({ name }) => name === key)?.label ?? key);
	const message = `Another ${one.toLowerCase()} has this ${labels.join(' and ')}.`;
	return refusal('invalid', message, `Choose another ${labels.join(' or ')}.`, { field: keyFields.at(-1) ?? 'value' });
}

/** Records of this kind are made at channels. */
export function comesFromChannels({ label: { many } }: Entity): Refusal {
	const hint = 'A channel that is live and receives them brings them in.';
	return refusal('not-allowed', `${many} come from channels: none is made here.`, hint);
}

/** The exclusion went. */
export function exclusionGone(): Refusal {
	return refusal('nothing-to-undo', 'This exclusion is not there any more.', 'Look at the list again.');
}

/** This database is a copy, so that its channels stay paused. */
export function pausedAsCopy(): Refusal {
	const message = 'This installation looks like a copy of another one, so it must not write to the channel.';
	return refusal('not-allowed', message, 'If it is to replace the other one, re-arm the installation.');
}

/** The token is revoked, or never was. */
export function tokenNotValid(): Refusal {
	return refusal('nothing-to-undo', 'This token is not valid any more.', 'Nothing to do.');
}

/** The screen's counts of a field at first contact are not those of now. */
export function firstContactMoved(field: string): Refusal {
	const message = 'The number of links that differ has changed since this page was made.';
	return refusal('stale', message, 'Look at the new counts, then choose again.', { field });
}

/** The chosen side cannot win a field that flows the other way. */
export function fieldFlowsOneWay(field: string): Refusal {
	const message = 'A field that flows in one direction only cannot take the value of the other side.';
	return refusal('invalid', message, 'Choose the other side, or change its direction under Rules.', { field });
}

/** What was typed is not the name of what is to be deleted. */
export function otherName(name: string): Refusal {
	return refusal('invalid', 'That is not the name of this channel.', `Type ${name} to delete it.`, {
		field: 'typedName'
	});
}

/** The channel has more links than are ended in one go. */
export function tooManyLinks(name: string, atMost: number): Refusal {
	const message = `${name} still has more than ${atMost} links.`;
	return refusal('not-allowed', message, 'Unlink them in bulk under Links first, then delete the channel.');
}
