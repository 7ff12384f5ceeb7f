import { sessionUser } from '#src/auth/auth.ts';
import type { RequestHandler } from './$types';

const sessionCheckMs = 15_000;

/** The engine's events of one run, passed on. Ends when the person signs out or the engine does. */
export const GET: RequestHandler = async ({ locals, params, request }) => {
	const upstream = await locals.engine.runEvents(params.run, request.headers.get('last-event-id'));
	if (!upstream.ok || !upstream.body) return new Response(null, { status: upstream.ok ? 204 : 503 });
	const reader = upstream.body.getReader();
	let timer: ReturnType<typeof setInterval> | undefined;
	const end = () => {
		clearInterval(timer);
		void reader.cancel().catch(() => undefined);
	};
	const body = new ReadableStream<Uint8Array>({
		start(controller) {
			timer = setInterval(() => {
				void stillSignedIn(locals, request).then((signedIn) => {
					if (signedIn) return;
					end();
					controller.close();
				});
			}, sessionCheckMs);
		},
		async pull(controller) {
			try {
				const { done, value } = await reader.read();
				if (!done) return controller.enqueue(value);
			} catch {
				// The engine went away; the page polls until it is back.
			}
			end();
			controller.close();
		},
		cancel: end
	});
	return new Response(body, {
		headers: {
			'content-type': 'text/event-stream',
			'cache-control': 'no-store, no-transform',
			'x-accel-buffering': 'no'
		}
	});
};

async function stillSignedIn(locals: App.Locals, request: Request): Promise<boolean> {
	try {
		const user = await sessionUser(locals.auth, request.headers);
		return user?.role === locals.user?.role;
	} catch {
		return true;
	}
}
