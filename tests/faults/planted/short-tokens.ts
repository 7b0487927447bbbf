export * from '../../../packages/wire/src/limits.ts'

/** Not a bug: short-lived tokens, so that a test sees them expire. */
export const ACCESS_TOKEN_TTL_SECONDS = 48
