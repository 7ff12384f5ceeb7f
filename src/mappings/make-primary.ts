import * as store from '#src/store/make-primary.ts';
import { entityName, guarded, id } from './guarded.ts';

/** Makes a secondary link the primary one of its record at the channel. */
export const makePrimary = guarded('link', { entity: entityName, linkId: id }, store.makePrimary);
