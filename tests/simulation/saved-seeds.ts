/** Seeds that ever failed, each with a name for what it found. They are played before any other. */
export const savedSeeds: readonly { seed: number; name: string }[] = [];
