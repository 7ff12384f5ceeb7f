import type { Entity } from '#src/entities/entity.ts';
import { compareSides } from '#src/mappings/compare-sides.ts';
import type { LinkDetail } from '#src/mappings/read-link.ts';
import type { FieldView } from './link-view.ts';
import type { LiveLook } from './live-look.server.ts';

/** The comparison of a link, with what would happen now where the channel could be asked. */
export function fieldViews(
	entity: Entity,
	link: LinkDetail,
	look: Extract<LiveLook, { ok: true }> | null
): FieldView[] {
	const internal = link.internal?.fields ?? {};
	const external = look?.external ?? link.external?.fields ?? {};
	const compared = compareSides(entity.fields, {
		internal,
		external,
		baseInternal: link.baseInternal,
		baseExternal: link.baseExternal
	});
	return compared.map(({ differs, ...field }) => {
		const reason = look?.reasons.find((each) => each.field === field.name);
		return {
			...field,
			sending: link.pendingWrite?.attempts.at(-1)?.external[field.name],
			verdict: reason?.verdict ?? (look ? '' : differs ? 'differs' : 'agree'),
			rule: reason?.rule ?? 'equal'
		};
	});
}
