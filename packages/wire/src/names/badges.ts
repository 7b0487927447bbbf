/**
 * Symbols that people and apps put beside a name to mark it as verified or official. Inside a name,
 * they would claim that without any verification.
 */
const SYMBOLS = [
  // Check marks, ballot boxes and look-alikes.
  '\\u221a\\u237b\\u2447\\u2610-\\u2612\\u2705\\u2713\\u2714\\u2717\\u2718\\u2bbd\\u27e2-\\u27e5',
  '\\u{10102}\\u{1d93f}-\\u{1d941}\\u{1f5f3}-\\u{1f5f9}\\u{1fbb1}',
  // Shields, locks and keys.
  '\\u26bf\\u26e8\\u{101db}\\u{1f50f}-\\u{1f513}\\u{1f530}\\u{1f5dd}\\u{1f6e1}',
  // Medals, rosettes, name badges, uniforms, and signs of protection, information or danger.
  '\\u00a9\\u00ae\\u2117\\u26a0\\u272a\\u2742\\u235f\\u{1f396}\\u{1f397}\\u{1f3c5}\\u{1f3f5}\\u{1f3f6}',
  '\\u{1f46e}\\u{1f482}\\u{1f4db}\\u{1f6c8}',
  // The colored badges of other services.
  '\\u{1f518}\\u{1f535}\\u{1f537}\\u{1f539}\\u{1f4a0}',
  // Boxed and circled letters, and marks that enclose any letter.
  '\\u{1f10a}-\\u{1f1e5}\\u20dd-\\u20e0\\u20e2-\\u20e4',
].join('')

/** The word that the app itself displays beside a name. */
const WORD = '(?<![\\p{L}\\p{N}])verified(?![\\p{L}\\p{N}])'

const BADGE = new RegExp(`[${SYMBOLS}]|${WORD}`, 'iu')
const BADGES = new RegExp(`[${SYMBOLS}]\\ufe0f?|${WORD}`, 'giu')

/** Whether a name contains something that looks like a badge. */
export const hasBadge = (name: string): boolean => BADGE.test(name)

export const withoutBadges = (name: string): string => name.replace(BADGES, '')
