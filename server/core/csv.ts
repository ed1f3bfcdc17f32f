/** Core: one CSV record (RFC 4180 section 2), as container lists in annotations are written. */

/**
 * Returns the fields of the record, blanks around them and empty ones left out; undefined where a quote is not closed
 * or stands in the middle of a field.
 */
export function tryParseCsvRecord(text: string): readonly string[] | undefined {
  const fields: string[] = [];
  const field = /\s*(?:"((?:[^"]|"")*)"\s*|([^",]*))(,|$)/y;
  while (field.lastIndex <= text.length) {
    const match = field.exec(text);
    if (match === null) return undefined;
    const value = match[1]?.replaceAll('""', '"') ?? match[2]?.trim() ?? '';
    if (value !== '') fields.push(value);
    if (match[3] === '') return fields;
  }
  return fields;
}
