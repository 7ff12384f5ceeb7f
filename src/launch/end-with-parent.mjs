// Loaded into every child of the launcher: a launcher that was killed leaves no orphans on its ports.
const graceMs = 10_000;

if (process.channel) {
	process.once('disconnect', () => {
		process.kill(process.pid, 'SIGTERM');
		setTimeout(() => process.exit(1), graceMs).unref();
	});
	process.channel.unref();
}
