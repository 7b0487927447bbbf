const encoder = new TextEncoder()
const scratch = new Uint8Array(4096)

/** How many bytes `text` has in UTF-8, without keeping them. */
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
