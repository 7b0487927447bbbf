/** A rate: `burst` at once, `perSecond` in the long run. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/** The remaining allowance of a rate. Times are from a monotonic clock, in milliseconds. */
export interface Allowance {
  left: number
  at: number
}

export function fullAllowance(rate: Rate, now: number): Allowance {
  return { left: rate.burst, at: now }
}

/** Takes `cost` and returns 0, or takes nothing and returns the seconds until it is available. */
export function take(allowance: Allowance, rate: Rate, cost: number, now: number): number {
  const gained = ((now - allowance.at) / 1000) * rate.perSecond
  allowance.left = Math.min(rate.burst, allowance.left + gained)
  allowance.at = now
  if (allowance.left < cost) return Math.ceil((cost - allowance.left) / rate.perSecond)
  allowance.left -= cost
  return 0
}

/** A rate for each of many keys. Remembers a key until its allowance is full again. */
export interface RateByKey {
  /** Like `take`. */
  take(key: string, cost: number, now: number): number
  sweep(now: number): void
}

export function createRateByKey(rate: Rate): RateByKey {
  const allowances = new Map<string, Allowance>()
  return {
    take(key, cost, now) {
      const allowance = allowances.get(key) ?? fullAllowance(rate, now)
      allowances.set(key, allowance)
      return take(allowance, rate, cost, now)
    },
    sweep(now) {
      for (const [key, allowance] of allowances) {
        if (take(allowance, rate, rate.burst, now) === 0) allowances.delete(key)
      }
    },
  }
}
