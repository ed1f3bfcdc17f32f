/** Core: one CSV record (RFC 4180 section 2), as container lists in annotations are written. Takes time linear in the text. */

/**
 * Returns the fields of the record, blanks around them and empty ones left out; undefined where a quote is not closed
 * or stands in the middle of a field.
 */
export function tryParseCsvRecord(text: string): readonly string[] | undefined {
  const fields: string[] = [];
  let open = '';
  let isQuoteOpen = false;
  for (const piece of text.split(',')) {
    open += piece;
    if (hasOddQuotes(piece)) isQuoteOpen = !isQuoteOpen;
    if (isQuoteOpen) {
      open += ',';
      continue;
    }
    const field = tryUnquote(open.trim());
    if (field === undefined) return undefined;
    if (field !== '') fields.push(field);
    open = '';
  }
  return isQuoteOpen ? undefined : fields;
}

const hasOddQuotes = (text: string): boolean => text.includes('"') && text.split('"').length % 2 === 0;

function tryUnquote(field: string): string | undefined {
  if (!field.includes('"')) return field;
  const inner = field.slice(1, -1);
  const isQuoted = field.startsWith('"') && field.endsWith('"') && !inner.replaceAll('""', '').includes('"');
  return isQuoted ? inner.replaceAll('""', '"') : undefined;
}
