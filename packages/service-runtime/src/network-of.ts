/**
 * What one customer of an access provider has: an IPv4 address, or the first 64 bits of an IPv6
 * address. Limits count per network, for within a /64 everybody has addresses without number.
 */
export function networkOf(address: string): string {
  return ipv4Of(address) ?? ipv6Prefix(address, 4)
}

/**
 * What one customer of a host has at most, and anybody can rent: an IPv4 /24, or an IPv6 /48. Whoever asks for
 * somebody else counts as one with it.
 */
export function wideNetworkOf(address: string): string {
  const ipv4 = ipv4Of(address)
  return ipv4 ? `${ipv4.split('.').slice(0, 3).join('.')}.0/24` : ipv6Prefix(address, 3)
}

function ipv4Of(address: string): string | undefined {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  return mapped ?? (address.includes(':') ? undefined : address)
}

/** The first so many groups of 16 bits. */
function ipv6Prefix(address: string, length: number): string {
  const [head = '', tail = ''] = address.split('%')[0]?.split('::') ?? []
  const before = head === '' ? [] : head.split(':')
  const after = tail === '' ? [] : tail.split(':')
  const isShortened = address.includes('::')
  const zeros = isShortened ? Array(Math.max(0, 8 - before.length - after.length)).fill('0') : []
  const groups = [...before, ...zeros, ...after].slice(0, length)
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/${length * 16}`
}
