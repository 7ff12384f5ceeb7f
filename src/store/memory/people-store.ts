import type { PeopleStore } from '../people.ts';
import { addChannelEntities } from './add-channel-entities.ts';
import { acceptExact } from './accept-exact.ts';
import { createChannel } from './create-channel.ts';
import { decideHold } from './decide-hold.ts';
import { deleteChannel } from './delete-channel.ts';
import { bindVerbs } from './engine-store.ts';
import { endWebhook, replaceWebhookSecret } from './webhook-secret.ts';
import { endExclusion, excludeRecord } from './exclude-record.ts';
import { giveBack } from './give-back.ts';
import { goLive, stopLive } from './go-live.ts';
import { acceptSuggestion, rejectSuggestion } from './judge-suggestion.ts';
import { linkRecords } from './link-records.ts';
import { makePrimary } from './make-primary.ts';
import { pauseChannel, resumeChannel } from './pause-channel.ts';
import { repointLink } from './repoint-link.ts';
import { requestSync } from './request-sync.ts';
import { resolveConflicts } from './resolve-conflicts.ts';
import { resolveMany } from './resolve-many.ts';
import { restoreRecord } from './restore-record.ts';
import { retryQuarantined } from './retry-quarantined.ts';
import { saveChannelEntity } from './save-channel-entity.ts';
import { saveChannel } from './save-channel.ts';
import { saveCredentials } from './save-credentials.ts';
import { addCustomField, putBackCustomField, removeCustomField, renameCustomField } from './save-custom-fields.ts';
import { createRecord, saveRecord } from './save-record.ts';
import { saveValues } from './save-values.ts';
import { endSetUp, recordTest } from './set-up-channel.ts';
import { settleFirstContact } from './settle-first-contact.ts';
import type { Tables } from './tables.ts';
import { takeOtherValue } from './take-other-value.ts';
import { createToken, revokeToken } from './tokens.ts';
import { undoJudgement } from './undo-judgement.ts';
import { undoUnlink } from './undo-unlink.ts';
import { unlinkRecords } from './unlink-records.ts';

const verbs = {
	acceptExact,
	acceptSuggestion,
	addChannelEntities,
	addCustomField,
	createChannel,
	createRecord,
	createToken,
	decideHold,
	deleteChannel,
	endExclusion,
	endSetUp,
	endWebhook,
	excludeRecord,
	giveBack,
	goLive,
	linkRecords,
	makePrimary,
	pauseChannel,
	putBackCustomField,
	recordTest,
	rejectSuggestion,
	removeCustomField,
	renameCustomField,
	replaceWebhookSecret,
	repointLink,
	requestSync,
	resolveConflicts,
	resolveMany,
	resumeChannel,
	restoreRecord,
	retryQuarantined,
	revokeToken,
	saveChannel,
	saveChannelEntity,
	saveCredentials,
	saveRecord,
	saveValues,
	settleFirstContact,
	stopLive,
	takeOtherValue,
	undoJudgement,
	undoUnlink,
	unlinkRecords
};

/** The person's verbs over these tables. */
export function createMemoryPeopleStore(tables: Tables): PeopleStore {
	return bindVerbs<PeopleStore>(tables, verbs);
}
