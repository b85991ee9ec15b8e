import { isUnsafe } from './safe-text.ts';

/** YAML for a terminal or a file: the same value, with every control and format character escaped in double quotes. */
export async function safeYaml(value: unknown): Promise<string> {
  // Loaded when asked for: most calls of the command print a table.
  const { Document, visit } = await import('yaml');
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, scalar) {
      if (typeof scalar.value === 'string' && isUnsafe(scalar.value)) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  // Folding would break lines inside escapes of long texts; the terminal wraps by itself.
  return document
    .toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER })
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (char) => (char === '\n' ? char : escaped(char)));
}

/** Escapes of YAML 1.2.2 section 5.7. */
function escaped(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}
