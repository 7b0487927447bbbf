import { t } from '@lingui/core/macro'
import type { Environment } from '@sotto/benchmark/report'

interface Brand {
  readonly brand: string
  readonly version: string
}

/** The environment of the measurement: only what the page shows, and it isn't sent anywhere. */
export const thisBrowser = (): Environment => ({
  runtime: browserName(),
  cpu: null,
  cores: navigator.hardwareConcurrency,
  date: new Date().toISOString().slice(0, 10),
})

function browserName(): string {
  const data = (navigator as { userAgentData?: { brands: readonly Brand[] } }).userAgentData
  const brands = data?.brands.filter(({ brand }) => !/not.?a.?brand/i.test(brand)) ?? []
  const [known] = brands.toSorted((a, b) => Number(isEngine(a)) - Number(isEngine(b)))
  if (known) return `${known.brand} ${known.version}`
  const [, name, version] = /(Firefox|Version)\/(\d+)/.exec(navigator.userAgent) ?? []
  return name ? `${name === 'Version' ? 'Safari' : name} ${version}` : t`Browser`
}

/** Browsers built on Chromium list it next to their own name. */
const isEngine = ({ brand }: Brand) => brand === 'Chromium'
