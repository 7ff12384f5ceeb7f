// Runs a Vendure server: node serve.mjs '{"folder":..., "port":..., "database":..., "password":..., "plugin":...}'
// Prints "vendure is up" once it answers. Started by server.ts; its settings are those of a small shop.
import { scryptSync } from 'node:crypto';
import { createRequire } from 'node:module';
import path from 'node:path';

/** @type {{ folder: string, port: number, database: string, password: string, plugin: string | null }} */
const { folder, port, database, password, plugin } = JSON.parse(process.argv[2] ?? '{}');
const load = createRequire(path.join(folder, 'package.json'));
const core = load('@vendure/core');

/** @param {string} name */
const text = (name) => ({ name, type: 'string', nullable: true, public: false });
/**
 * Each run logs in. Vendure's own hash is made to be slow: on a busy machine it is most of the time of a story.
 * @param {string} password
 */
const quickHash = (password) => scryptSync(password, 'only for tests', 32, { N: 16 }).toString('base64');
// What an administrator adds to the configuration where the plugin is not wanted.
const reference = plugin ? [] : [{ ...text('channelMappingReference'), unique: true }];

await core.bootstrap({
	apiOptions: {
		port,
		hostname: '127.0.0.1',
		adminApiPath: 'admin-api',
		shopApiPath: 'shop-api',
		adminApiPlayground: false
	},
	authOptions: {
		tokenMethod: ['bearer', 'cookie'],
		superadminCredentials: { identifier: 'superadmin', password },
		passwordHashingStrategy: {
			hash: async (/** @type {string} */ password) => quickHash(password),
			check: async (/** @type {string} */ password, /** @type {string} */ hash) => quickHash(password) === hash
		},
		cookieOptions: { secret: 'only for tests' }
	},
	dbConnectionOptions: {
		type: 'postgres',
		url: database,
		synchronize: true,
		logging: false,
		// Its columns are without a zone.
		extra: { options: '-c timezone=UTC', max: 10 }
	},
	// Prices beyond 21 million, which a plain integer does not hold.
	entityOptions: { moneyStrategy: new core.BigIntMoneyStrategy() },
	paymentOptions: { paymentMethodHandlers: [core.dummyPaymentHandler] },
	customFields: {
		Product: [...reference],
		ProductVariant: [...reference, text('ean')],
		Customer: [...reference, text('customerNumber'), text('vatNumber')],
		Collection: [...reference],
		StockLocation: [...reference, text('placeNumber')]
	},
	logger: new core.DefaultLogger({ level: core.LogLevel.Error, timestamp: false }),
	plugins: plugin ? [load(plugin).ChannelMappingPlugin] : []
});
console.log('vendure is up');
