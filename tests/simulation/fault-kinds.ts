/** What goes wrong with a call to a channel. */
export const channelFaults = [
	'unavailable',
	'rate-limited-seconds',
	'rate-limited-date',
	'timeout-before',
	'timeout-after',
	'reset-mid-body',
	'lands-late',
	'token-expired',
	'schema-drift',
	'stale-page',
	'duplicated-page',
	'truncated-page',
	'empty-page'
] as const;

/** What goes wrong with a transaction. */
export const storeFaults = ['serialization-failure', 'deadlock', 'lost-before-commit', 'lost-after-commit'] as const;

/** What happens to the process that makes a call. */
export const processFaults = ['kill-before', 'kill-after', 'stall-before', 'stall-after'] as const;

/** What the queue does with a job. */
export const queueFaults = ['job-lost', 'job-doubled', 'job-late'] as const;

export type ChannelFault = (typeof channelFaults)[number];
export type StoreFault = (typeof storeFaults)[number];
export type ProcessFault = (typeof processFaults)[number];
export type QueueFault = (typeof queueFaults)[number];
export type FaultKind = ChannelFault | StoreFault | ProcessFault | QueueFault;

export const faultKinds: readonly FaultKind[] = [...channelFaults, ...storeFaults, ...processFaults, ...queueFaults];

export const channelMethods = ['list', 'changes', 'read', 'search', 'find', 'create', 'update', 'probe'] as const;
export type ChannelMethod = (typeof channelMethods)[number];

/** A search by reference is truthful once its lag is over: without that no channel can be asked whether a create landed. */
const pages: ReadonlySet<string> = new Set(['list', 'changes', 'search']);
const writes: ReadonlySet<string> = new Set(['create', 'update']);

/** Whether a fault of a channel can befall a call of this method. */
export function befalls(fault: ChannelFault, method: string): boolean {
	if (fault === 'stale-page' || fault === 'empty-page') return pages.has(method);
	if (fault === 'truncated-page') return method === 'list' || method === 'changes' || method === 'read';
	if (fault === 'duplicated-page') return method === 'list' || method === 'changes';
	if (fault === 'lands-late') return writes.has(method);
	if (fault === 'schema-drift') return method !== 'probe' && method !== 'update';
	return true;
}
