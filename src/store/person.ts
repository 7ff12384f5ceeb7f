/** Through which door a person or program came. */
export type Via = 'web' | 'api' | 'command';

/** Who did it, for journal and audit: an e-mail address or the name of a token. */
export type Person = { actor: { name: string }; via: Via };
