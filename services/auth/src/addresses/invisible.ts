/**
 * What nobody sees in a number or an address: address books put it around numbers in right-to-left text, and
 * pages between parts of long words.
 */
export const invisible = /\p{Default_Ignorable_Code_Point}/gu
