import { hkdfSync } from 'node:crypto';

/** A 32-byte key for one purpose, derived from SECRET_KEY (HKDF-SHA-256, empty salt, the purpose as info). */
export function deriveKey(secretKey: string, purpose: string): Buffer {
	return Buffer.from(hkdfSync('sha256', secretKey, '', purpose, 32));
}
