export * from '../../../packages/wire/src/limits.ts'

/** Not a bug: tokens that end soon, so that a test sees them end. */
export const ACCESS_TOKEN_TTL_SECONDS = 48
