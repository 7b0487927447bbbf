const plain = (text: string): string =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase()

/** Whether the beginning of any word of `name` is what somebody typed, accents and case aside. */
export function matches(name: string, typed: string): boolean {
  const wanted = plain(typed.trim())
  if (wanted === '') return true
  return plain(name).startsWith(wanted) || plain(name).includes(` ${wanted}`)
}
