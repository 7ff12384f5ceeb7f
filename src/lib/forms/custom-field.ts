import { z } from 'zod';
import { m } from '#src/lib/paraglide/messages.js';

const name = z
	.string()
	.trim()
	.regex(/^(?:[a-z][a-z0-9_]{0,59})?$/, { error: () => m.fields_name_wrong() });

/** A field that an administrator adds. Without a name, it gets one made from its label. */
export const customFieldForm = z.object({
	entity: z.string().max(80).default('product'),
	label: z
		.string()
		.trim()
		.min(1, { error: () => m.fields_label_missing() })
		.max(60, { error: () => m.fields_label_long() })
		.refine((text) => !text.includes('\u0000'), { error: () => m.fields_label_missing() }),
	name,
	type: z.enum(['text', 'decimal', 'boolean']).default('text'),
	/** Of texts. */
	maxLength: z
		.int({ error: () => m.fields_length_wrong() })
		.min(1, { error: () => m.fields_length_wrong() })
		.max(10_000, { error: () => m.fields_length_wrong() })
		.default(255),
	/** Of numbers. */
	scale: z
		.int({ error: () => m.fields_scale_wrong() })
		.min(0, { error: () => m.fields_scale_wrong() })
		.max(6, { error: () => m.fields_scale_wrong() })
		.default(2)
});
