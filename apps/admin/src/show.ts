/** Formats rows of text as columns. The first row contains the headings. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, n) =>
    Math.max(...rows.map((row) => [...(row[n] ?? '')].length)),
  )
  return rows
    .map((row) =>
      row
        .map((cell, n) => padded(cell, widths[n]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const padded = (cell: string, width = 0) => cell + ' '.repeat(width - [...cell].length)

/** A moment in a comparable format: `2026-11-29 18:50`. In UTC. */
export const moment = (at: number | null): string =>
  at === null ? '-' : new Date(at).toISOString().slice(0, 16).replace('T', ' ')

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** A number of bytes, in the unit that leaves at most three digits before the point. */
export function size(bytes: number): string {
  const power = Math.min(Math.max(Math.floor(Math.log10(bytes || 1) / 3), 0), UNITS.length - 1)
  const number = bytes / 1000 ** power
  return `${number >= 10 || power === 0 ? Math.round(number) : number.toFixed(1)} ${UNITS[power]}`
}

/** `1 log-in`, `2 log-ins`. */
export const count = (number: number, one: string): string =>
  `${number} ${one}${number === 1 ? '' : 's'}`
