/** The network below the transport, with a hand on it. */
export type Wire = {
	fetch: typeof fetch;
	/** Requests that went out so far. */
	sent(): number;
	/** From now on, every request gets this answer instead of reaching the channel. */
	answer(make: () => Response | Promise<Response>): void;
	/** From now on, nobody listens at the channel's address. */
	cut(): void;
	/** From now on, the bodies of good replies pass through this. */
	rewrite(change: (body: string) => string): void;
};

/** A wire that passes everything on until told otherwise. */
export function createWire(): Wire {
	let count = 0;
	let answer: (() => Response | Promise<Response>) | undefined;
	let change: ((body: string) => string) | undefined;
	return {
		sent: () => count,
		answer: (make) => (answer = make),
		// Port 9 (discard) is not served on any machine that runs these tests.
		cut: () => (answer = () => fetch('http://127.0.0.1:9/')),
		rewrite: (make) => (change = make),
		async fetch(input, init) {
			count += 1;
			if (answer) return answer();
			const response = await fetch(input, init);
			if (!change || !response.ok) return response;
			const headers = new Headers(response.headers);
			headers.delete('content-encoding');
			headers.delete('content-length');
			return new Response(change(await response.text()), { status: response.status, headers });
		}
	};
}
