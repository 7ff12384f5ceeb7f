export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** The theme a cookie names; 'system' for anything else. */
export function parseTheme(text: string | undefined): Theme {
	return themes.find((theme) => theme === text) ?? 'system';
}
