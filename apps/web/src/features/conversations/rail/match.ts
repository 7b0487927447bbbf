const plain = (text: string): string =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase()

/** Whether any word of `name` starts with the typed text, ignoring accents and case. */
export function matches(name: string, typed: string): boolean {
  const wanted = plain(typed.trim())
  if (wanted === '') return true
  return plain(name).startsWith(wanted) || plain(name).includes(` ${wanted}`)
}
