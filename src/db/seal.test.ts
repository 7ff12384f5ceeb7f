import { expect, test } from 'vitest';
import { seal, SealError, unseal } from './seal.ts';

const key = 'a secret of this installation';

test('opens what was sealed, and never seals alike twice', () => {
	for (const plain of ['', 'pass word', 'ключ 🔑']) {
		const [one, other] = [seal(key, plain, '7', 'password'), seal(key, plain, '7', 'password')];
		expect(unseal(key, one, '7', 'password')).toBe(plain);
		expect(one).not.toBe(other);
		if (plain !== '') expect(one).not.toContain(plain);
	}
});

test('does not open in another channel, another field or under another key', () => {
	const sealed = seal(key, 'secret', '7', 'password');
	expect(() => unseal(key, sealed, '8', 'password')).toThrow(SealError);
	expect(() => unseal(key, sealed, '7', 'user')).toThrow(SealError);
	expect(() => unseal('another', sealed, '7', 'password')).toThrow(SealError);
});

test('does not open with any single bit flipped, cut short or in another version', () => {
	const sealed = seal(key, 'secret', '7', 'password');
	const bytes = Buffer.from(sealed.slice(3), 'base64url');
	for (let bit = 0; bit < bytes.length * 8; bit++) {
		const changed = Buffer.from(bytes);
		changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
		expect(() => unseal(key, `v1.${changed.toString('base64url')}`, '7', 'password')).toThrow(SealError);
	}
	for (const broken of [sealed.slice(0, -1), sealed.slice(0, 20), `v2${sealed.slice(2)}`, '', 'plain', `${sealed}!`]) {
		expect(() => unseal(key, broken, '7', 'password')).toThrow(SealError);
	}
});
