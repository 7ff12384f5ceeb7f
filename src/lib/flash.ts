/** One message about what just happened, shown once on the next page. */
export type Flash = {
	tone: 'good' | 'info' | 'warn' | 'bad';
	text: string;
	/** A form that takes it back: POST of `fields` to `action`, a path of this application. */
	undo?: { action: string; fields: Record<string, string>; label?: string };
};
