/** One record of a vendor's system: values under the vendor's names. */
export type VendorRecord = { id: string; values: Record<string, unknown>; stampMs: number; rev: number };

/** What a fake of a vendor's system keeps. */
export type VendorStore = ReturnType<typeof createVendorStore>;

/** An empty store; its clock goes on by itself, and faster when a case says so. */
export function createVendorStore() {
	let aheadMs = 0;
	let made = 0;
	const records = new Map<string, VendorRecord>();
	const nowMs = () => performance.timeOrigin + performance.now() + aheadMs;
	return {
		nowMs,
		pass(ms: number) {
			aheadMs += ms;
		},
		/** Ids count up, so that their order never changes. */
		nextNumber: () => (made += 1),
		insert(id: string, values: Record<string, unknown>, stampMs = nowMs()): VendorRecord {
			const record = { id, values, stampMs, rev: 1 };
			records.set(id, record);
			return record;
		},
		change(record: VendorRecord, values: Record<string, unknown>): void {
			Object.assign(record.values, values);
			record.stampMs = nowMs();
			record.rev += 1;
		},
		get: (id: string) => records.get(id),
		remove: (id: string) => void records.delete(id),
		all: () => [...records.values()],
		/** By the moment of the last change, then by id: in the order of their making. */
		byStamp: () => [...records.values()].sort((one, other) => one.stampMs - other.stampMs)
	};
}
