import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const version = 'v1';
const nonceBytes = 12;
const tagBytes = 16;

/** A sealed text that cannot be opened: another SECRET_KEY, another place, or changed on the way. */
export class SealError extends Error {
	override name = 'SealError';
	readonly kind = 'unreadable-credential';
	readonly hint = 'enter the credential again, or restore the SECRET_KEY it was saved with';
}

/**
 * Encrypts a channel's credential (AES-256-GCM) so that it opens only under the same SECRET_KEY, at the same channel and
 * in the same field. Two seals of one text differ.
 */
export function seal(secretKey: string, plain: string, channelId: string, field: string): string {
	const nonce = randomBytes(nonceBytes);
	const cipher = createCipheriv('aes-256-gcm', keyOf(secretKey), nonce);
	cipher.setAAD(place(channelId, field));
	const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
	return `${version}.${Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64url')}`;
}

/** Opens what `seal` made. @throws SealError */
export function unseal(secretKey: string, sealed: string, channelId: string, field: string): string {
	const [head, text = ''] = sealed.split('.');
	const bytes = Buffer.from(text, 'base64url');
	if (head !== version || bytes.length < nonceBytes + tagBytes || bytes.toString('base64url') !== text) {
		throw new SealError(`the credential "${field}" is not in a form this version can read`);
	}
	const decipher = createDecipheriv('aes-256-gcm', keyOf(secretKey), bytes.subarray(0, nonceBytes), {
		authTagLength: tagBytes
	});
	decipher.setAAD(place(channelId, field));
	decipher.setAuthTag(bytes.subarray(-tagBytes));
	try {
		return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]).toString('utf8');
	} catch (cause) {
		throw new SealError(`the credential "${field}" was sealed with another key, or changed since`, { cause });
	}
}

function keyOf(secretKey: string): Buffer {
	return Buffer.from(hkdfSync('sha256', secretKey, '', 'channel-credentials', 32));
}

function place(channelId: string, field: string): Buffer {
	return Buffer.from(`${channelId}|${field}`, 'utf8');
}
