import { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import { isDatabaseDown } from '#src/db/is-database-down.ts';
import { ConnectorError } from '../connectors/error.ts';
import { errorPlace, errorText } from '../error-text.ts';
import { authenticate, type ApiEnv } from './access.ts';
import type { ApiPorts } from './api-ports.ts';
import { channelRoutes } from './channels.ts';
import { connectorRoutes } from './connectors.ts';
import { mappingRoutes } from './mappings.ts';
import { mappingChangeRoutes } from './mapping-changes.ts';
import { operationRoutes } from './operations.ts';
import { answerProblem, channelFailed, notFound, ProblemError } from './problem.ts';
import { rejectInvalid } from './reject-invalid.ts';
import { runRoutes } from './runs.ts';
import { webhookRoutes } from './webhooks.ts';

const bodyBytesAtMost = 1024 * 1024;

/** The engine's HTTP API as a Hono application; `fetch` it, or serve it. */
export function createApi(ports: ApiPorts) {
	const app = new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid });
	app.use(secureHeaders({ contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } }));
	app.use(async (c, next) => {
		await next();
		c.header('cache-control', 'no-store');
	});
	app.use(
		bodyLimit({
			maxSize: bodyBytesAtMost,
			onError: () => {
				throw tooLarge();
			}
		})
	);
	// Before the credential is asked for: a webhook carries a signature instead.
	app.route('/', webhookRoutes(ports));
	app.use('/v1/*', authenticate(ports.db, ports.secretKey));
	app.use('/metrics', authenticate(ports.db, ports.secretKey));
	app.use('/v1/*', async (c, next) => {
		const type = c.req.header('content-type');
		if (type !== undefined && !/^application\/json\s*(;|$)/i.test(type) && c.req.method !== 'GET') throw notJson();
		await next();
	});

	const routes = app
		.route('/', operationRoutes(ports))
		.route('/', channelRoutes(ports))
		.route('/', connectorRoutes(ports))
		.route('/', mappingRoutes(ports))
		.route('/', mappingChangeRoutes(ports))
		.route('/', runRoutes(ports));

	app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
		type: 'http',
		scheme: 'bearer',
		description: 'An API token (cm_…), or the token of the web.'
	});
	app.openAPIRegistry.registerComponent('securitySchemes', 'webhook', {
		type: 'apiKey',
		in: 'header',
		name: 'webhook-signature',
		description: 'Standard Webhooks, or the header of the kind of system.'
	});
	app.get('/openapi.json', (c) => c.json(documentOf(app)));
	app.notFound((c) =>
		answerProblem(
			c,
			notFound('unknown-path', `There is no ${c.req.method} ${c.req.path}.`, '/openapi.json lists what there is.')
				.problem
		)
	);
	app.onError((error, c) => answerProblem(c, problemOf(ports, error, c.req.path).problem));
	return routes;
}

export type EngineApi = ReturnType<typeof createApi>;

function documentOf(app: OpenAPIHono<ApiEnv>) {
	return app.getOpenAPI31Document({
		openapi: '3.1.0',
		info: {
			title: 'Channel Mapping engine',
			version: '1',
			description: 'Every answer but the expected one is a problem document (RFC 9457) with a hint.'
		}
	});
}

function problemOf({ log }: ApiPorts, error: unknown, path: string): ProblemError {
	if (error instanceof ProblemError) return error;
	if (error instanceof ConnectorError) return channelFailed(error);
	if (error instanceof HTTPException && error.status === 400) {
		return new ProblemError(400, 'invalid', 'body: is not valid JSON', 'Send a JSON document.', { field: 'body' });
	}
	if (isDatabaseDown(error)) {
		return new ProblemError(
			503,
			'database-unreachable',
			'The database does not answer.',
			'Nothing to do here: the engine goes on by itself once PostgreSQL is back.'
		);
	}
	log.error('request failed on a defect', { path, problem: errorText(error), at: errorPlace(error) });
	return new ProblemError(
		500,
		'defect',
		'The engine failed on this request.',
		'Report this with the time; the log has the details.'
	);
}

function tooLarge(): ProblemError {
	return new ProblemError(413, 'too-large', 'The body is larger than 1 MiB.', 'Send fewer records in one request.');
}

function notJson(): ProblemError {
	return new ProblemError(
		415,
		'not-json',
		'The body is not JSON.',
		'Send "Content-Type: application/json" and a JSON document.'
	);
}
