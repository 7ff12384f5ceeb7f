import { expect, test } from 'vitest';
import { pathOf, safeReturnTo } from './return-to.ts';

test('a path of ours is kept with its query', () => {
	expect(safeReturnTo('/channels/3/links?entity=product&after=x#top')).toBe(
		'/channels/3/links?entity=product&after=x#top'
	);
});

test.each([
	'//evil.example',
	'/\\evil.example',
	'/\t/evil.example',
	'https://evil.example/',
	'javascript:alert(1)',
	'/..//evil.example',
	'/.//evil.example/x',
	'evil',
	'',
	null,
	undefined,
	42
])('%j, which could lead elsewhere, becomes the fallback', (text) => {
	expect(safeReturnTo(text, '/inbox')).toBe('/inbox');
});

test('the way back to a page leaves out the action that was sent to it', () => {
	expect(pathOf(new URL('http://here/channels/3?/pause&entity=product'))).toBe('/channels/3?entity=product');
	expect(pathOf(new URL('http://here/channels/3?/pause'))).toBe('/channels/3');
});
