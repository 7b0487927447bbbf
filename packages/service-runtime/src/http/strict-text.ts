/**
 * Whether `value` contains, at any depth, text that cannot be stored and compared reliably: NUL,
 * which PostgreSQL rejects, or a lone surrogate, which UTF-8 cannot express.
 */
export function hasUnstorableText(value: unknown): boolean {
  // A list instead of recursion, because the sender chooses the nesting depth.
  const left = [value]
  while (left.length > 0) {
    const next = left.pop()
    if (typeof next === 'string') {
      if (next.includes('\0') || !next.isWellFormed()) return true
    } else if (typeof next === 'object' && next !== null) {
      for (const [key, member] of Object.entries(next)) left.push(key, member)
    }
  }
  return false
}
