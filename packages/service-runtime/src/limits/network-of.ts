/**
 * The network of one customer of an access provider: an IPv4 address, or the first 64 bits of an
 * IPv6 address. Limits count per network, because a customer with a /64 has countless addresses.
 */
export function networkOf(address: string): string {
  return ipv4Of(address) ?? ipv6Prefix(address, 4)
}

/**
 * The largest network that a hosting customer usually has, and anyone can rent: an IPv4 /24 or an
 * IPv6 /48. Requests from it that concern another person's account are counted together.
 */
export function wideNetworkOf(address: string): string {
  const ipv4 = ipv4Of(address)
  return ipv4 ? `${ipv4.split('.').slice(0, 3).join('.')}.0/24` : ipv6Prefix(address, 3)
}

function ipv4Of(address: string): string | undefined {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  return mapped ?? (address.includes(':') ? undefined : address)
}

/** The first `length` groups of 16 bits. */
function ipv6Prefix(address: string, length: number): string {
  const [head = '', tail = ''] = address.split('%')[0]?.split('::') ?? []
  const before = head === '' ? [] : head.split(':')
  const after = tail === '' ? [] : tail.split(':')
  const isShortened = address.includes('::')
  const zeros = isShortened ? Array(Math.max(0, 8 - before.length - after.length)).fill('0') : []
  const groups = [...before, ...zeros, ...after].slice(0, length)
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/${length * 16}`
}
