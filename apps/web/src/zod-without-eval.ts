import { z } from 'zod'

// Imported before anything that creates a schema: zod would otherwise compile validators with `new Function`, which the
// Content-Security-Policy forbids and reports.
z.config({ jitless: true })
