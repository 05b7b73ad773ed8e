export { readClosed, readCsvLines, readJsonArrays, readJsonObjects, readPosition } from './read-rows';
export { writeCsvValues, writeJsonValues } from './write-rows';
