/**
 * An address in a distinct wide network for each number, from the range for benchmarks (RFC 2544).
 */
export const addressIn = (network: number): string =>
  `198.${18 + (Math.floor(network / 256) % 2)}.${network % 256}.7`
