import { z } from 'zod';
import * as store from '#src/store/leave-out.ts';
import { guarded, id, ids } from './guarded.ts';

/** Takes records out of a plan, or in again. */
export const leaveOut = guarded('run', { runId: id, itemIds: ids, leftOut: z.boolean() }, store.leaveOut);
