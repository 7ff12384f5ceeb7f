/** What a colour means. Never alone: an icon and a word say the same. */
export type Tone = 'good' | 'info' | 'warn' | 'bad' | 'idle';

/** Classes of text and soft background, written out so that Tailwind sees them. */
export const toneClasses: Record<Tone, string> = {
	good: 'text-good bg-good-soft',
	info: 'text-info bg-info-soft',
	warn: 'text-warn bg-warn-soft',
	bad: 'text-bad bg-bad-soft',
	idle: 'text-idle bg-idle-soft'
};

export const toneText: Record<Tone, string> = {
	good: 'text-good',
	info: 'text-info',
	warn: 'text-warn',
	bad: 'text-bad',
	idle: 'text-idle'
};
