import { afterAll } from 'vitest'
import { closeAdmin } from './as-admin.ts'

// The first registered hook runs last.
afterAll(closeAdmin)
