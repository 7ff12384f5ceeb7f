import { businessPartner } from './business-partner/index.ts';
import { pointingFields, type Entity } from './entity.ts';
import { priceList } from './price-list/index.ts';
import { productCategory } from './product-category/index.ts';
import { productParent } from './product-parent/index.ts';
import { productPrice } from './product-price/index.ts';
import { product } from './product/index.ts';
import { salesOrder } from './sales-order/index.ts';
import { stockLevel } from './stock-level/index.ts';
import { warehouse } from './warehouse/index.ts';

/** Everything that can be mapped, in the order of the screen. A new entity is its folder and one line here. */
export const entities: readonly Entity[] = [
	product,
	productParent,
	productCategory,
	businessPartner,
	warehouse,
	priceList,
	productPrice,
	stockLevel,
	salesOrder
];

/** The entity of that name, undefined for an unknown one. */
export function entityNamed(name: string): Entity | undefined {
	return entities.find((entity) => entity.name === name);
}

/** Names of entities with those first that others point to. */
export function inDependencyOrder(names: readonly string[]): string[] {
	const ordered: string[] = [];
	const add = (name: string, above: readonly string[]) => {
		if (ordered.includes(name) || above.includes(name)) return;
		const entity = entityNamed(name);
		for (const { to } of entity ? pointingFields(entity) : []) add(to, [...above, name]);
		ordered.push(name);
	};
	for (const name of names) add(name, []);
	return ordered.filter((name) => names.includes(name));
}
