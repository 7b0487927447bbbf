// The programs of the embedded PostgreSQL, for tests that run them directly.
export { findBinaries, findPlace, type Place, processesIn } from '@sotto/local-postgres'
