/** The rule of a conflict that the channel's side cannot win from here: another application keeps ours. */
export const proposal = 'ask: kept-elsewhere';
