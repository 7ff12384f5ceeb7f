import { formatInterval } from '#src/lib/format.ts';
import { m } from '#src/lib/paraglide/messages.js';
import type { Tone } from '#src/lib/ui/tone.ts';

/** How a channel, or one entity of it, stands against its schedule. */
export type Health =
	| 'copy'
	| 'paused'
	| 'unauthorized'
	| 'problem'
	| 'held'
	| 'failing'
	| 'late'
	| 'running'
	| 'new'
	| 'watching'
	| 'partly-live'
	| 'on-time'
	| 'none';

const looks: Record<Health, () => { word: string; tone: Tone }> = {
	copy: () => ({ word: m.channel_health_copy(), tone: 'bad' }),
	unauthorized: () => ({ word: m.channel_health_unauthorized(), tone: 'bad' }),
	problem: () => ({ word: m.channel_health_problem(), tone: 'bad' }),
	failing: () => ({ word: m.channel_health_failing(), tone: 'bad' }),
	held: () => ({ word: m.channel_health_held(), tone: 'warn' }),
	late: () => ({ word: m.channel_health_late(), tone: 'warn' }),
	paused: () => ({ word: m.channel_health_paused(), tone: 'idle' }),
	running: () => ({ word: m.channel_health_running(), tone: 'info' }),
	new: () => ({ word: m.channel_health_new(), tone: 'idle' }),
	watching: () => ({ word: m.channel_health_watching(), tone: 'info' }),
	'partly-live': () => ({ word: m.channel_health_partly_live(), tone: 'info' }),
	'on-time': () => ({ word: m.channel_health_on_time(), tone: 'good' }),
	none: () => ({ word: m.channel_health_none(), tone: 'idle' })
};

export function healthLook(health: Health): { word: string; tone: Tone } {
	return looks[health]();
}

/** The gravest first: what a channel shows when its entities differ. */
export const healthOrder: readonly Health[] = [
	'copy',
	'unauthorized',
	'problem',
	'failing',
	'held',
	'late',
	'paused',
	'running',
	'new',
	'partly-live',
	'watching',
	'on-time',
	'none'
];

/** "Every 5 seconds", or the cron expression with its zone. */
export function scheduleWords(schedule: { everySeconds: number } | { cron: string; zone: string }): string {
	if ('everySeconds' in schedule) return m.schedule_every({ interval: formatInterval(schedule.everySeconds) });
	return m.schedule_cron(schedule);
}
