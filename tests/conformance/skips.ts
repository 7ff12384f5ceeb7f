/** Cases that do not apply to a kind of record, by what it does not have. */
export const skips = {
	reference: {
		reason: 'it cannot be created without risking a second one',
		tests: [
			'create makes one record with these values, which carries the reference and is found by it',
			'what create reports is what a read then shows',
			'a reference that nobody carries is not found',
			'a created record comes with its reference in every way of reading',
			'create with a unique value that is taken is a duplicate and creates nothing',
			'create with values that the channel refuses keeps its words and creates nothing'
		]
	},
	longText: {
		reason: 'it has no text that may be long or empty',
		tests: [
			'an empty value is there as empty, not absent',
			'update keeps long and foreign text',
			'update clears a field with null'
		]
	},
	archive: {
		reason: 'it cannot be archived',
		tests: [
			'list and read bring archived records',
			'changes shows a record that was archived',
			'update archives a record and takes it back'
		]
	},
	price: { reason: 'it has no price', tests: ['update keeps decimals exact'] },
	code: {
		reason: 'it has neither a code nor a name',
		tests: ['normal is stable and knows what the channel keeps of a code and a name']
	},
	unique: {
		reason: 'the channel takes a code twice',
		tests: ['create with a unique value that is taken is a duplicate and creates nothing']
	}
} as const;
