/** PostgreSQL advisory locks of this product, by what they guard. Two of the same number would wait for each other. */
export const advisoryLocks = {
	/** Migrations take turns. */
	migration: 7_206_104_611_310_241n,
	/** The last administrator stays. */
	users: 7_206_104_611_310_242n,
	/** The demo's data are inserted once. */
	demoSeed: 7_206_104_611_310_243n,
	/** One demo at a time on one database; held as long as it runs. */
	demo: 7_206_104_611_310_244n
} as const;
