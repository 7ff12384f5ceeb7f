import { sql } from 'drizzle-orm';
import { errorCode } from '#src/db/create-database.ts';
import type { Db } from '#src/db/client.ts';
import { retrying } from './transaction.ts';

/** Where this database lives: what a copy of it does not share. */
export type InstallationPlace = {
	/** PostgreSQL's own number of its cluster; '' where we may not read it. */
	systemIdentifier: string;
	databaseName: string;
};

export type ClaimInstallationInput = {
	/** The web's address where an administrator gave it, else 'default', which is compared with nothing. */
	origin: string;
	/** 8 random letters or digits, used by the first claim. */
	newKey: string;
};

export type ClaimInstallationResult = {
	/** copy: this is not the place that was recorded; channels that ran are paused now. */
	kind: 'first' | 'same' | 'copy';
	/** What our references at channels start with. */
	key: string;
	/** For `copy`: what differs, for the log. */
	differences: string[];
	/** Channels paused by this call. */
	paused: number;
};

type Recorded = InstallationPlace & { key: string; origin: string };

const insufficientPrivilege = '42501';
const anyOrigin = 'default';

/**
 * Records this installation at the first start. Later a difference means that the database is a copy: every channel that
 * is not paused is paused with the reason `copy`, until an administrator re-arms the installation.
 */
export async function claimInstallation(db: Db, input: ClaimInstallationInput): Promise<ClaimInstallationResult> {
	const place = await readInstallationPlace(db);
	return retrying(db, async (tx) => {
		const first = await tx.execute(sql`
			insert into sync_installation (id, key, system_identifier, database_name, origin)
			values (1, ${input.newKey}, ${place.systemIdentifier}, ${place.databaseName}, ${input.origin})
			on conflict do nothing returning id`);
		const [recorded] = await tx.execute<Recorded>(sql`
			select key, system_identifier as "systemIdentifier", database_name as "databaseName", origin from sync_installation where id = 1 for update`);
		if (!recorded) throw new Error('sync_installation: no row');
		const { key } = recorded;
		if (first.length > 0) return { kind: 'first', key, differences: [], paused: 0 };
		const differences = differencesOf(recorded, { ...place, origin: input.origin });
		if (differences.length === 0) {
			await tx.execute(sql`
				update sync_installation set
					system_identifier = case when system_identifier = '' then ${place.systemIdentifier} else system_identifier end,
					origin = case when origin in ('', ${anyOrigin}) then ${input.origin} else origin end
				where id = 1 and (system_identifier = '' or origin in ('', ${anyOrigin}))`);
			return { kind: 'same', key, differences, paused: 0 };
		}
		const paused = await tx.execute<{ id: string }>(sql`
			update c_channel set paused_at = now(), paused_reason = 'copy', updated_at = now() where paused_at is null returning id::text as id`);
		if (paused.length > 0) {
			const detail = JSON.stringify({ differences, channels: paused.map(({ id }) => id) });
			await tx.execute(sql`
				insert into audit_event (actor, via, action, object, detail)
				values ('engine', 'engine', 'pause-copy', 'installation', ${detail}::text::jsonb)`);
		}
		return { kind: 'copy', key, differences, paused: paused.length };
	});
}

/** Where the database is now. */
export async function readInstallationPlace(db: Db): Promise<InstallationPlace> {
	const [row] = await db.execute<{ databaseName: string }>(sql`select current_database() as "databaseName"`);
	return { systemIdentifier: await readSystemIdentifier(db), databaseName: row?.databaseName ?? '' };
}

async function readSystemIdentifier(db: Db): Promise<string> {
	try {
		const [row] = await db.execute<{ id: string }>(sql`select system_identifier::text as id from pg_control_system()`);
		return row?.id ?? '';
	} catch (error) {
		if (errorCode(error) === insufficientPrivilege) return '';
		throw error;
	}
}

function differencesOf(recorded: Recorded, now: InstallationPlace & { origin: string }): string[] {
	const differ = (a: string, b: string) => a !== '' && b !== '' && a !== b;
	return [
		...(differ(recorded.systemIdentifier, now.systemIdentifier) ? ['another PostgreSQL server'] : []),
		...(differ(recorded.databaseName, now.databaseName)
			? [`database "${now.databaseName}" instead of "${recorded.databaseName}"`]
			: []),
		...(recorded.origin !== anyOrigin && now.origin !== anyOrigin && differ(recorded.origin, now.origin)
			? [`ORIGIN ${now.origin} instead of ${recorded.origin}`]
			: [])
	];
}
