const MEGABYTE = 1_000_000

const few = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const many = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

/** A number of bytes on a disk in words, in the thousands that disks are sold in. */
export function roomInWords(bytes: number): string {
  const megabytes = bytes / MEGABYTE
  if (bytes === 0) return 'nothing'
  if (megabytes < 0.1) return 'less than 0.1 MB'
  if (megabytes < 1000) return `${(megabytes < 10 ? few : many).format(megabytes)} MB`
  return `${few.format(megabytes / 1000)} GB`
}
