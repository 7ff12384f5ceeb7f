/** Text as it is compared: NFC, line ends as \n, outer white space left out; null for an empty one. */
export function canonicalText(text: string): string | null {
	const plain = text.normalize('NFC').replace(/\r\n?/g, '\n').trim();
	return plain === '' ? null : plain;
}
