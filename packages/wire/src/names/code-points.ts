/**
 * Parts of regular expressions for the code points in names. The platform provides most Unicode
 * properties. Properties that JavaScript lacks are listed here as ranges, from Unicode 17.0.
 */

// Canonical_Combining_Class=Virama: a joiner after one of these determines how an Indic syllable
// looks.
const VIRAMA =
  '\\u094d\\u09cd\\u0a4d\\u0acd\\u0b4d\\u0bcd\\u0c4d\\u0ccd\\u0d3b-\\u0d3c\\u0d4d\\u0dca\\u0e3a\\u0eba' +
  '\\u0f84\\u1039-\\u103a\\u1714-\\u1715\\u1734\\u17d2\\u1a60\\u1b44\\u1baa-\\u1bab\\u1bf2-\\u1bf3\\u2d7f' +
  '\\ua806\\ua82c\\ua8c4\\ua953\\ua9c0\\uaaf6\\uabed\\u{10a3f}\\u{11046}\\u{11070}\\u{1107f}\\u{110b9}' +
  '\\u{11133}-\\u{11134}\\u{111c0}\\u{11235}\\u{112ea}\\u{1134d}\\u{113ce}-\\u{113d0}\\u{11442}\\u{114c2}' +
  '\\u{115bf}\\u{1163f}\\u{116b6}\\u{1172b}\\u{11839}\\u{1193d}-\\u{1193e}\\u{119e0}\\u{11a34}\\u{11a47}' +
  '\\u{11a99}\\u{11c3f}\\u{11d44}-\\u{11d45}\\u{11d97}\\u{11f41}-\\u{11f42}\\u{1612f}'

// Scripts whose letters join. A non-joiner between two letters is visible there.
const JOINING = ['Arab', 'Syrc', 'Mong', 'Phag', 'Nkoo', 'Mand', 'Mani', 'Adlm', 'Rohg']
  .map((script) => `\\p{sc=${script}}`)
  .join('')

/** RFC 5892 A.1 and A.2: where a non-joiner or a joiner has a visible effect. */
const JOINERS = `(?<=[${VIRAMA}])[\\u200c\\u200d]|(?<=[${JOINING}]\\p{Mn}*)\\u200c(?=[${JOINING}])`

const EMOJI = '\\p{Extended_Pictographic}\\ufe0f?[\\u{1f3fb}-\\u{1f3ff}]?'
// England, Scotland and Wales: the only flags that are spelled with tags.
const FLAGS =
  '\\u{1f3f4}\\u{e0067}\\u{e0062}(?:\\u{e0065}\\u{e006e}\\u{e0067}|\\u{e0073}\\u{e0063}\\u{e0074}|\\u{e0077}\\u{e006c}\\u{e0073})\\u{e007f}'

/** Invisible code points that serve their purpose: multi-part emoji, and joiners. */
export const MEANT_UNSEEN = `${FLAGS}|${EMOJI}(?:\\u200d${EMOJI})*|${JOINERS}`

/**
 * Code points without a visible mark: Default_Ignorable_Code_Point, which includes every direction
 * override.
 */
export const UNSEEN = '\\p{Default_Ignorable_Code_Point}'

// Hangul_Syllable_Type L, V and T: historic letters from which syllables are composed.
const OLD_HANGUL_JAMO = '\\u1100-\\u11ff\\ua960-\\ua97c\\ud7b0-\\ud7c6\\ud7cb-\\ud7fb'

// Visible according to their properties, but blank or a placeholder on the screen.
const BLANK = '\\u2800\\ufffc\\ufffd\\u{13441}\\u{13442}\\u{16fe4}\\u{1d159}'

/** RFC 8264 §4.3.3: what FreeformClass excludes, apart from unassigned code points. */
export const DISALLOWED = `\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Zl}\\p{Zp}\\p{Noncharacter_Code_Point}${OLD_HANGUL_JAMO}${BLANK}`
