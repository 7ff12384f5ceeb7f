import { m } from '../paraglide/messages.js';
import { bulkKind } from './bulk-kind.ts';

const actions: Readonly<Record<string, () => string>> = {
	'add-entities': m.audit_did_add_entities,
	'add-field': m.audit_did_add_field,
	'approve-hold': m.audit_did_approve_hold,
	'bulk-cancel': m.audit_did_bulk_cancel,
	'create-channel': m.audit_did_create_channel,
	'create-record': m.audit_did_create_record,
	'create-token': m.audit_did_create_token,
	'delete-channel': m.audit_did_delete_channel,
	'discard-hold': m.audit_did_discard_hold,
	edit: m.audit_did_edit,
	'end-set-up': m.audit_did_end_set_up,
	'end-webhook': m.audit_did_end_webhook,
	exclude: m.audit_did_exclude,
	'give-back': m.audit_did_give_back,
	'go-live': m.audit_did_go_live,
	include: m.audit_did_include,
	link: m.audit_did_link,
	'make-primary': m.audit_did_make_primary,
	pause: m.audit_did_pause,
	'pause-copy': m.audit_did_pause_copy,
	'plan-leave-out': m.audit_did_plan_leave_out,
	'plan-take-in': m.audit_did_plan_take_in,
	rearm: m.audit_did_rearm,
	reject: m.audit_did_reject,
	'remove-field': m.audit_did_remove_field,
	'rename-field': m.audit_did_rename_field,
	'replace-webhook-secret': m.audit_did_replace_webhook_secret,
	repoint: m.audit_did_repoint,
	resolve: m.audit_did_resolve,
	restore: m.audit_did_restore,
	resume: m.audit_did_resume,
	retry: m.audit_did_retry,
	'revoke-token': m.audit_did_revoke_token,
	'save-channel': m.audit_did_save_channel,
	'save-credentials': m.audit_did_save_credentials,
	'save-settings': m.audit_did_save_settings,
	'save-values': m.audit_did_save_values,
	'settle-first-contact': m.audit_did_settle_first_contact,
	'stop-live': m.audit_did_stop_live,
	sync: m.audit_did_sync,
	'take-other': m.audit_did_take_other,
	'test-channel': m.audit_did_test_channel,
	'undo-accept': m.audit_did_undo_accept,
	'undo-link': m.audit_did_undo_link,
	'undo-reject': m.audit_did_undo_reject,
	'undo-unlink': m.audit_did_undo_unlink,
	unlink: m.audit_did_unlink
};

/** What somebody did, from the literal of the audit. */
export function auditWords(action: string): string {
	const said = actions[action]?.();
	if (said !== undefined) return said;
	const [, undo, kind] = /^bulk-(undo-)?(.+)$/.exec(action) ?? [];
	if (kind === undefined) return m.audit_did_other({ action: action.replaceAll('-', ' ') });
	const what = bulkKind(kind);
	return undo === undefined ? m.audit_did_bulk({ what }) : m.audit_did_bulk_undo({ what });
}

const doors: Readonly<Record<string, () => string>> = {
	api: m.audit_via_api,
	command: m.audit_via_command,
	engine: m.audit_via_engine
};

/** Through which door it was done; '' for the usual one, the screen. */
export function viaWords(via: string): string {
	return doors[via]?.() ?? '';
}

type Labels = { name: string; label: { one: string; many: string } };

/** What it was done to, from the text of the audit ("product-link/12"), with its page where it has one. */
export function auditObject(object: string, entities: readonly Labels[]): { label: string; href: string | null } {
	const [kind = '', id, part] = object.split('/');
	const labelOf = (name: string | undefined) => entities.find((entity) => entity.name === name)?.label;
	const known =
		id === undefined ? undefined : objects[kind]?.(id, part === undefined ? undefined : labelOf(part)?.many);
	if (known) return known;
	if (kind === 'installation') return { label: m.audit_on_installation(), href: null };
	if (kind === 'field') {
		const field = m.audit_on_field({ field: part ?? '', many: labelOf(id)?.many ?? id ?? '' });
		return { label: field, href: '/settings/fields' };
	}
	const ofLink = kind.endsWith('-link');
	const name = ofLink ? kind.slice(0, -'-link'.length) : kind;
	const label = labelOf(name);
	if (!label) return { label: object, href: null };
	if (id === undefined) return { label: m.audit_on_links({ many: label.many }), href: null };
	if (ofLink) return { label: m.audit_on_link({ one: label.one, id }), href: `/links/${name}/${id}` };
	return { label: m.audit_on_record({ one: label.one, id }), href: `/records/${name}/${id}` };
}

type Found = { label: string; href: string | null };

const objects: Readonly<Record<string, (id: string, part: string | undefined) => Found>> = {
	channel: (id, part) => ({ label: part ?? m.audit_on_channel(), href: `/channels/${id}` }),
	hold: () => ({ label: m.audit_on_hold(), href: null }),
	exclusion: () => ({ label: m.audit_on_exclusion(), href: null }),
	suggestion: () => ({ label: m.audit_on_suggestion(), href: null }),
	'bulk-job': (id) => ({ label: m.audit_on_job({ id }), href: `/runs/jobs/${id}` }),
	run: (id) => ({ label: m.audit_on_run({ id }), href: `/runs/${id}` }),
	token: () => ({ label: m.audit_on_token(), href: null })
};
