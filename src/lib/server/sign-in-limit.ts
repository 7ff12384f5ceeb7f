import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

export type SignInLimit = {
	/** Counts one try; returns the seconds to wait when there were too many, else 0. */
	count(account: string, address: string): Promise<number>;
	/** A success forgives the account's failures from this address. */
	forgive(account: string, address: string): Promise<void>;
};

const windowSeconds = 15 * 60;
const triesPerAccountAndAddress = 8;
const triesPerAddress = 60;

/** Slows guessing: tries per account and address, and tries per address whatever the account. */
export function signInLimit(): SignInLimit {
	const pair = new RateLimiterMemory({ points: triesPerAccountAndAddress, duration: windowSeconds });
	const whole = new RateLimiterMemory({ points: triesPerAddress, duration: windowSeconds });
	const pairKey = (account: string, address: string) => `${address} ${account.toLowerCase()}`;
	return {
		async count(account, address) {
			try {
				await whole.consume(address);
				await pair.consume(pairKey(account, address));
				return 0;
			} catch (refused) {
				if (!(refused instanceof RateLimiterRes)) throw refused;
				return Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
			}
		},
		async forgive(account, address) {
			await pair.delete(pairKey(account, address));
			await whole.reward(address);
		}
	};
}
