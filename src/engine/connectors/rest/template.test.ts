import { describe, expect, it } from 'vitest';
import { buildRequest } from './build-request.ts';
import { createMomentCodec } from './moment.ts';
import { requests, type FullRequest } from './request-settings.ts';
import type { TemplateValues } from './template.ts';

const moment = createMomentCodec({ format: 'iso', zone: 'UTC', resolution: 'second' });
const build = (request: Partial<FullRequest>, values: TemplateValues) =>
	buildRequest({ method: 'POST', path: '/p', ...request }, values, { moment }, 'http://api.test');

/** What tries to get out of where it stands. */
const hostile = `../x?a=1&b=2#c"}'],\\ \n{id} $& \u00e4`;

describe('a value cannot leave where it stands', () => {
	it('in a path it is one segment, in a query one value', () => {
		const { url } = build(
			{ path: '/items/{id}/x', query: { q: 'a {text} b', ids: '{ids}' } },
			{ id: hostile, text: hostile, ids: ['1&2', '3'] }
		);
		const { pathname, searchParams } = new URL(url);
		expect(pathname.split('/')).toHaveLength(4);
		expect(decodeURIComponent(pathname.split('/')[2] ?? '')).toBe(hostile);
		expect(searchParams.get('q')).toBe(`a ${hostile} b`);
		expect([...searchParams.keys()]).toEqual(['q', 'ids']);
	});

	it('in a body it is one text, and is not read as a template again', () => {
		const { body } = build(
			{ body: { id: '{id}', mixed: 'x {text} y', list: '{ids}' } },
			{ id: hostile, text: hostile, ids: [hostile] }
		);
		expect(JSON.parse(body ?? '')).toEqual({ id: hostile, mixed: `x ${hostile} y`, list: [hostile] });
	});

	it('in a filter it is one literal', () => {
		const query = { $filter: { each: 'id eq {id:odata}', of: 'ids', join: ' or ' } as const, q: 'sku:{text:quoted}' };
		const { searchParams } = new URL(build({ query }, { ids: ["a' or 1 eq 1 or 'b", 'c'], text: 'x" OR "y\\' }).url);
		expect(searchParams.get('$filter')).toBe("id eq 'a'' or 1 eq 1 or ''b' or id eq 'c'");
		expect(searchParams.get('q')).toBe('sku:"x\\" OR \\"y\\\\"');
	});

	it('in a header it is refused where it would break the line', () => {
		expect(() => build({ headers: { 'if-match': '{version}' } }, { version: 'a\r\nx-evil: 1' })).toThrow(/characters/);
	});

	it('a GraphQL document stays as it is, and values are variables', () => {
		const { body } = build(
			{ graphql: ['query Q($id: ID!) {', ' a{id} }'], variables: { id: '{id}' } },
			{ id: hostile }
		);
		expect(JSON.parse(body ?? '')).toEqual({ query: 'query Q($id: ID!) {\n a{id} }', variables: { id: hostile } });
	});

	it('what must be a number is one, whatever its size, or the request is not made', () => {
		expect(build({ body: { ids: '{ids:number}' } }, { ids: ['9007199254740993'] }).body).toBe(
			'{"ids":[9007199254740993]}'
		);
		expect(() => build({ body: { id: '{id:number}' } }, { id: '1,2' })).toThrow(/numbers/);
	});
});

it('what is not there is left out: parameter, header, property', () => {
	const out = build(
		{
			query: { after: '{after}', limit: '{limit}' },
			headers: { 'if-match': '{version}' },
			body: { a: '{after}', n: '{limit}' }
		},
		{ after: null, limit: 5, version: null }
	);
	expect(out).toMatchObject({
		url: 'http://api.test/p?limit=5',
		body: '{"n":5}',
		headers: { 'content-type': 'application/json' }
	});
	expect(out.headers).not.toHaveProperty('if-match');
});

it('spreads fields among other properties', () => {
	const { body } = build({ body: { kind: 'simple', '...': '{fields}' } }, { fields: { name: 'Tent' } });
	expect(body).toBe('{"kind":"simple","name":"Tent"}');
});

it('refuses values that a request does not have, and requests without what they need', () => {
	const problems = (given: object) =>
		requests.safeParse(given).error?.issues.map(({ path, message }) => [path.join('.'), message]);
	const list = { path: '/p' };
	expect(problems({ list: { path: '/{id}' }, get: { path: '/p/{id}' } })).toEqual([
		['list', expect.stringContaining('no value {id}')]
	]);
	expect(problems({ list, get: { path: '/p/1' } })).toEqual([['get', 'must use {id}']]);
	expect(problems({ list })).toEqual([['get', expect.stringContaining('readable')]]);
	expect(problems({ list, get: { path: '/{id:html}' } })).toEqual([
		['get', expect.stringContaining('{id:html}')],
		['get', 'must use {id}']
	]);
	expect(
		problems({ list, get: { path: '/{id}' }, update: { path: '/{id}', body: '{fields}', graphql: 'mutation' } })
	).toEqual([['update', 'has both a body and a GraphQL document']]);
});
