import base from './playwright.config.ts'
export default { ...base, timeout: 240_000, expect: { ...base.expect, timeout: 60_000 } }
