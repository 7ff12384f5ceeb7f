// Plain JavaScript in the syntax of 2020: an old Node must come far enough to say what it lacks.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 18)) {
	console.error(`Node ${process.versions.node} is too old: this needs Node 22.18 or newer (nodejs.org)`);
	process.exitCode = 1;
} else {
	// Node 22 still warns that running TypeScript is an experiment.
	process.removeAllListeners('warning');
	import('./launch/main.ts').then(({ main }) => main(process.argv.slice(2)));
}
