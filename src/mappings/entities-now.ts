/** Entities with the fields that administrators added to them by now. */
export { entitiesIn, entityIn } from '#src/store/custom-fields.ts';
