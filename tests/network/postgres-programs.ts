// The programs of the embedded PostgreSQL, for tests that run them by themselves.
export { findBinaries } from '../../apps/all-in-one/src/postgres/binaries.ts'
export { findPlace, type Place } from '../../apps/all-in-one/src/postgres/place.ts'
export { processesIn } from '../../apps/all-in-one/src/postgres/system.ts'
