import { openVirtualClockDatabase } from '../store/virtual-clock-database.ts';
import { playOnBoth } from './both.ts';
import { prepareStatements } from './prepared-statements.ts';
const db = await openVirtualClockDatabase('postgres://cm:cm@127.0.0.1:55432/postgres');
if (process.env.PREP) await prepareStatements(db.db);
process.on('unhandledRejection', (e: any) => { console.log('UNHANDLED', e?.stack ?? e); });
const first = Number(process.argv[2]), n = Number(process.argv[3]);
import { readFileSync } from 'node:fs';
import { sql } from 'drizzle-orm';
const [{pid}] = await db.db.execute<any>(sql`select pg_backend_pid() as pid`) as any;
const pgcpu = () => { const f = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' '); return (Number(f[11]) + Number(f[12])) * 10; };
try {
for (let s = first; s < first + n; s++) {
	const t = performance.now(), c = process.cpuUsage(), g = pgcpu();
	const o = await playOnBoth(s, db);
	const cpu = process.cpuUsage(c);
	console.log(s, Math.round(performance.now() - t), 'ms pg', pgcpu() - g, 'cpu', Math.round((cpu.user + cpu.system) / 1000), o.edits, o.faults, o.kills, o.pushes, o.pulls, o.steps, Math.round(o.virtualMs / 1000));
	for (const v of o.violations.slice(0, 2)) console.log(v.invariant, v.what.slice(0, 6000));
	if (o.violations.length && process.argv[4]) break;
}
} finally { await db.close(); }
