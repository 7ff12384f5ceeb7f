import { seededRandom, shuffled } from './random.ts';
import type { StoryRecord } from './record.ts';

const german: readonly string[] = [
	'Wanderladen Krüger',
	'Outdoorhaus Brandt',
	'Alpinlager Vogt',
	'Zeltstadt Lindner',
	'Bergsport Achterberg',
	'Camping Petersen',
	'Kletterhalle Nordwand',
	'Trekkingkontor Hamm',
	'Rucksackhaus Weiß',
	'Fernweh Reisebedarf',
	'Seilwerk Oberndorf',
	'Hüttenbedarf Kogler',
	'Natursport Jansen',
	'Kanuladen Havelufer',
	'Sporthaus Böhm',
	'Pfadfinderbedarf Roth',
	'Gipfelstürmer Handels',
	'Waldläufer Versand',
	'Schuhhaus Mertens',
	'Lagerfeuer Großhandel',
	'Winterfest Ausrüstung',
	'Heidekraut Freizeit',
	'Küstenwind Segelbedarf',
	'Moorland Handel',
	'Steinbock Textil',
	'Tannenhof Versand',
	'Isarufer Sport',
	'Eifelpfad Outdoor',
	'Rennsteig Ausrüster',
	'Harzblick Camping',
	'Spreewald Kanu'
];
const danish: readonly string[] = [
	'Hansen Friluft',
	'Møller Sport',
	'Sørensen Camping',
	'Skovtur Udstyr',
	'Vesterhav Friluftsliv',
	'Bjerg og Dal',
	'Fjordens Kajak',
	'Lundgren Vandring',
	'Nørrebro Klatring',
	'Østkystens Telte',
	'Klithuset Camping',
	'Rømø Strandudstyr',
	'Aabenraa Sport',
	'Mols Bjerge Udstyr',
	'Kongeå Friluft',
	'Silkeborg Kano',
	'Thy Outdoor',
	'Bornholm Klippesport',
	'Grenaa Marine',
	'Himmerland Jagt og Fritid',
	'Djurs Vandrelaug',
	'Limfjord Kajakcenter',
	'Ribe Spejderudstyr',
	'Svendborg Sejlsport',
	'Tisvilde Friluft',
	'Hærvejen Vandring',
	'Gudenå Kanoudlejning',
	'Lyngby Rygsæk',
	'Vejle Bjergsport',
	'Møns Klint Outdoor',
	'Fanø Vind og Vand'
];
const germanForms = ['GmbH', 'KG', 'e.K.', 'GmbH & Co. KG'];
const danishForms = ['ApS', 'A/S', 'I/S'];

/** Every business partner of the story in a fixed, mixed order. */
export function partners(): StoryRecord[] {
	const random = seededRandom(56);
	const all = [
		...german.map((name, index) => partner(name, germanForms[index % germanForms.length] ?? '', 'DE', index, random)),
		...danish.map((name, index) => partner(name, danishForms[index % danishForms.length] ?? '', 'DK', index, random))
	];
	return shuffled(all, random);
}

function partner(name: string, form: string, country: 'DE' | 'DK', index: number, random: () => number): StoryRecord {
	const digits = (count: number) => Array.from({ length: count }, () => 1 + Math.floor(random() * 9)).join('');
	const host = plain(name);
	return {
		value: `${country === 'DE' ? 'D' : 'K'}-${20101 + index}`,
		name: `${name} ${form}`,
		email: `${index % 3 === 0 ? 'einkauf' : 'kontor'}@${host}.example`,
		phone:
			country === 'DE' ? `+49 ${digits(3)} ${digits(7)}` : `+45 ${digits(2)} ${digits(2)} ${digits(2)} ${digits(2)}`,
		tax_id: `${country}${digits(country === 'DE' ? 9 : 8)}`,
		is_active: true
	};
}

function plain(name: string): string {
	const letters: Record<string, string> = { ä: 'ae', ö: 'oe', ü: 'ue', ß: 'ss', æ: 'ae', ø: 'oe', å: 'aa' };
	return name
		.toLowerCase()
		.replace(/[äöüßæøå]/g, (letter) => letters[letter] ?? letter)
		.replace(/[^a-z0-9]+/g, '-');
}
