import { z } from 'zod';
import { isMomentFormat, isZone } from './moment.ts';
import { place } from './request-settings.ts';
import { isUnitPair, unitNames } from './unit.ts';

/** The name of a zone, such as Europe/Zurich. */
export const zone = z.string().max(60).refine(isZone, 'is no zone that this machine knows');

/** How a moment or day is written. */
export const momentFormat = z
	.string()
	.max(60)
	.refine(isMomentFormat, 'must be iso, epoch-seconds, epoch-milliseconds or a pattern such as YYYY-MM-DD hh:mm:ss');

const common = {
	/** Our name of the field. */
	name: z.string().min(1),
	/** Where the channel keeps it. */
	at: place.min(1),
	/** Where a write puts it, if not in the same place. */
	writeAt: place.min(1).optional(),
	/** The channel's name for screens. */
	label: z.string().min(1),
	/** How "no value" is written: null, "" or false. */
	empty: z.enum(['null', 'blank', 'false']).default('null'),
	/** Shown and received, never sent. */
	readOnly: z.literal(true).optional(),
	/** The channel may leave it out; without this, a record without the field is an invalid reply. */
	optional: z.literal(true).optional()
};

/** Digits after the point that the channel keeps; it rounds half away from zero. */
const scale = z.int().min(0).max(12).optional();

/** It takes quantities below 0: orders for what is still to come. */
const negative = z.literal(true).optional();

/** A quantity in the channel's unit and in ours. The channel keeps `scale` digits of its own. */
const unit = z
	.strictObject({ ours: z.enum(unitNames), theirs: z.enum(unitNames) })
	.refine(({ ours, theirs }) => isUnitPair(ours, theirs), 'these two units measure different things')
	.optional();

const text = z.strictObject({
	...common,
	as: z.literal('text'),
	/** The case into which the channel turns texts. */
	letters: z.enum(['upper', 'lower']).optional(),
	/** Characters that the channel takes; a longer text is not sent. */
	maxLength: z.int().positive().optional(),
	/** The value table of the channel that says what each value is called here: tax-class. */
	table: z
		.string()
		.regex(/^[a-z][a-z0-9-]{0,59}$/, 'small letters, digits and "-", such as tax-class')
		.optional()
});

const scalar = z.union([z.string(), z.boolean(), z.int()]);

/** How one field looks at the channel. */
export const field = z.discriminatedUnion('as', [
	text,
	/** "12.50" */
	z.strictObject({ ...common, as: z.literal('decimal-text'), scale, unit, negative }),
	/** A JSON number. */
	z.strictObject({ ...common, as: z.literal('number'), scale, unit, negative }),
	/** A whole number of the smallest unit, `scale` digits of it behind the point. */
	z.strictObject({ ...common, as: z.literal('minor-units'), scale: z.int().min(0).max(12).default(2) }),
	z.strictObject({ ...common, as: z.literal('boolean') }),
	/** Our value -> theirs. Ours are true and false, or texts. */
	z.strictObject({
		...common,
		as: z.literal('enum'),
		values: z
			.record(z.string(), scalar)
			.refine((values) => Object.keys(values).length > 0, 'is empty')
			.refine(
				(values) => new Set(Object.values(values).map(String)).size === Object.keys(values).length,
				'names one of theirs twice'
			)
	}),
	/** A day (ours: 2026-11-28) or a moment (ours: 2026-11-28T15:00:00Z). */
	z.strictObject({
		...common,
		as: z.enum(['day', 'moment']),
		format: momentFormat.default('iso'),
		zone: zone.default('UTC')
	}),
	/** A list of texts; ours is one text. */
	z.strictObject({ ...common, as: z.literal('list'), separator: z.string().min(1).default(', ') }),
	/** The lines of an order: a list of objects, with the place of each part inside one. They are received, never sent. */
	z.strictObject({
		name: common.name,
		at: common.at,
		label: common.label,
		as: z.literal('lines'),
		optional: common.optional,
		/** A whole number of its own for each line; without it they are counted. */
		line: place.min(1).optional(),
		/** The channel's id of the product; a line without one is a fee or a text. */
		product: place.min(1).optional(),
		text: place.min(1).optional(),
		quantity: place.min(1).optional(),
		unit: place.min(1).optional(),
		/** Of one unit, without tax. */
		price: place.min(1).optional(),
		/** Of the whole line, without tax; without it, it is quantity times price. */
		amount: place.min(1).optional(),
		tax: place.min(1).optional(),
		/** Money in lines is a whole number of the smallest unit, with so many digits of it behind the point. */
		minorUnits: z.int().min(1).max(12).optional()
	}),
	/** Every record has this value; the channel has no such field. */
	z.strictObject({
		name: common.name,
		label: common.label,
		as: z.literal('constant'),
		value: z.union([z.string(), z.boolean()])
	})
]);

export type RestField = z.output<typeof field>;
/** A field that the channel has in its JSON. */
export type StoredField = Exclude<RestField, { as: 'constant' }>;
/** A field that can be sent. */
export type WrittenField = Exclude<StoredField, { as: 'lines' }>;
