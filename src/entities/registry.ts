import { businessPartner } from './business-partner/index.ts';
import type { Entity } from './entity.ts';
import { product } from './product/index.ts';

/** Everything that can be mapped. A new entity is its folder and one line here. */
export const entities: readonly Entity[] = [product, businessPartner];

/** The entity of that name, undefined for an unknown one. */
export function entityNamed(name: string): Entity | undefined {
	return entities.find((entity) => entity.name === name);
}
