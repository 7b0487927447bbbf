/**
 * Invisible characters in a number or an address. Address books put them around numbers in
 * right-to-left text, and web pages between parts of long words.
 */
export const invisible = /\p{Default_Ignorable_Code_Point}/gu
