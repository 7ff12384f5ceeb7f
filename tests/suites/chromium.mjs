import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';

/**
 * The browser to test with: CHROMIUM_PATH, Debian's, or the one Playwright installed; undefined where there is none.
 * @returns {string | undefined}
 */
export function findChromium() {
	const places = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium', chromium.executablePath()];
	return places.find((place) => place && existsSync(place));
}
