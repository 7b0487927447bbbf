const encoder = new TextEncoder()
const scratch = new Uint8Array(4096)

/** The number of bytes of `text` in UTF-8, without storing them. */
export function utf8Bytes(text: string): number {
  let total = 0
  let rest = text
  while (rest !== '') {
    const { read, written } = encoder.encodeInto(rest, scratch)
    total += written
    rest = rest.slice(read)
  }
  return total
}
